/** `{ [key]: value }`, or nothing where there is no value: in a profile an absent key stands for "not known". */
export function given<K extends string, V>(key: K, value: V | null | undefined): Partial<Record<K, V>> {
  return value === null || value === undefined ? {} : ({ [key]: value } as Record<K, V>);
}

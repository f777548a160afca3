import { isAlias, isMap, isNode, isScalar, isSeq, type Document, type Pair } from 'yaml';

/** Steps from the top of a document to a value. */
export type Path = readonly PropertyKey[];

/** `partitions[2].gpus`. */
export function pathText(path: Path): string {
  return path.reduce<string>((text, step) => {
    if (typeof step === 'number') return `${text}[${step}]`;
    return text === '' ? String(step) : `${text}.${String(step)}`;
  }, '');
}

/**
 * The offset in the text of the value at `path`, or of its key. Where the path leads into nothing (a key is missing),
 * it is the offset of the nearest thing around it, which is where a person has to write.
 */
export function offsetOf(document: Document, path: Path, part: 'key' | 'value' = 'value'): number {
  let at: unknown = document.contents;
  let offset = start(at) ?? 0;
  for (const [index, step] of path.entries()) {
    const child = childOf(isAlias(at) ? at.resolve(document) : at, step);
    if (child === undefined) return offset;
    const wantsKey = part === 'key' && index === path.length - 1;
    offset = (wantsKey ? undefined : start(child.value)) ?? start(child.key) ?? offset;
    at = child.value;
  }
  return offset;
}

/** The member of a map or the item of a list; undefined where there is none. */
function childOf(
  node: unknown,
  step: PropertyKey,
): { readonly key?: unknown; readonly value: unknown } | undefined {
  if (isMap(node)) return node.items.find((item) => keyOf(item) === String(step));
  return isSeq(node) && typeof step === 'number' ? { value: node.items[step] } : undefined;
}

function keyOf(pair: Pair): string {
  return isScalar(pair.key) ? String(pair.key.value) : String(pair.key);
}

function start(node: unknown): number | undefined {
  return isNode(node) ? node.range?.[0] : undefined;
}

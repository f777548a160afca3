/** A value of a `config.json` that can't be used: which, and why. */
export interface FieldProblem {
  /** Dotted path, such as `text_config.hidden_size`. */
  readonly field: string;
  readonly message: string;
}

type Json = Readonly<Record<string, unknown>>;

/** Names that different families use for one thing; the first that is present counts. */
type Names = string | readonly string[];

/**
 * Reads values of an untrusted JSON object. A value of the wrong type or out of bounds is noted in `problems` and a harmless
 * one is returned, so that a reader can go on; whoever reads must look at `problems` at the end.
 */
export interface Fields {
  readonly problems: readonly FieldProblem[];
  has(names: Names): boolean;
  /** A whole number from 1 to `most`; `fallback` where it is absent or null, a problem where there is none. */
  count(names: Names, most: number, fallback?: number): number;
  /** The same, where 0 is a value too. */
  number(name: string, most: number, fallback: number): number;
  /** A positive, finite number, whole or not. */
  factor(name: string, fallback: number): number;
  flag(names: Names, fallback: boolean): boolean;
  text(name: string, fallback: string): string;
  /** An array of words; undefined where it is absent. */
  words(name: string): readonly string[] | undefined;
  /** An array of whole numbers; undefined where it is absent. */
  numbers(name: string): readonly number[] | undefined;
  /** Objects of an array; undefined where it is absent. */
  list(name: string, most: number): readonly Fields[] | undefined;
  /** An object inside; undefined where it is absent or null. */
  inner(name: string): Fields | undefined;
  note(name: string, message: string): void;
}

/** Whether a value is a JSON object. */
export function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** A value as a message shows it: short, whatever it is. */
function shown(value: unknown): string {
  if (typeof value === 'number') return String(value);
  if (typeof value === 'string') return JSON.stringify(value.slice(0, 40));
  return Array.isArray(value) ? 'a list' : typeof value === 'object' ? 'an object' : String(value);
}

/** Fields of `json`, whose path in the file is `path` (empty for the whole); problems go to `problems`. */
export function fieldsOf(json: Json, path: string, problems: FieldProblem[]): Fields {
  const pathOf = (name: string): string => (path === '' ? name : `${path}.${name}`);
  const note = (name: string, message: string): void => {
    if (problems.length < 20) problems.push({ field: pathOf(name), message });
  };
  const find = (names: Names): readonly [string, unknown] => {
    const all = typeof names === 'string' ? [names] : names;
    const present = all.find((name) => Object.hasOwn(json, name) && json[name] !== null);
    return present === undefined ? [all[0] ?? '', undefined] : [present, json[present]];
  };
  const whole = (names: Names, [least, most]: readonly [number, number], fallback?: number): number => {
    const [name, value] = find(names);
    if (value === undefined && fallback !== undefined) return fallback;
    if (value === undefined) note(name, 'is missing');
    else if (typeof value !== 'number' || !Number.isSafeInteger(value))
      note(name, `must be a whole number, not ${shown(value)}`);
    else if (value < least || value > most) note(name, `must be from ${least} to ${most}, not ${value}`);
    else return value;
    return Math.max(1, least);
  };
  const array = (name: string, most: number): readonly unknown[] | undefined => {
    const [, value] = find(name);
    if (value === undefined) return undefined;
    if (Array.isArray(value) && value.length <= most) return value;
    note(name, `must be a list of at most ${most}, not ${shown(value)}`);
    return undefined;
  };
  const every = <T>(name: string, is: (item: unknown) => item is T): readonly T[] | undefined => {
    const items = array(name, longestList);
    if (items === undefined) return undefined;
    const odd = items.find((item) => !is(item));
    if (odd === undefined && items.every(is)) return items;
    note(name, `has an element that does not belong there: ${shown(odd)}`);
    return undefined;
  };
  return {
    problems,
    note,
    has: (names) => find(names)[1] !== undefined,
    count: (names, most, fallback) => whole(names, [1, most], fallback),
    number: (name, most, fallback) => whole(name, [0, most], fallback),
    factor: (name, fallback) => {
      const [, value] = find(name);
      if (value === undefined) return fallback;
      if (typeof value === 'number' && value > 0 && value <= largestFactor) return value;
      note(name, `must be a number above 0 and up to ${largestFactor}, not ${shown(value)}`);
      return fallback;
    },
    flag: (names, fallback) => {
      const [name, value] = find(names);
      if (value === undefined || typeof value === 'boolean') return value ?? fallback;
      note(name, `must be true or false, not ${shown(value)}`);
      return fallback;
    },
    text: (name, fallback) => {
      const [, value] = find(name);
      if (value === undefined || typeof value === 'string') return value ?? fallback;
      note(name, `must be a text, not ${shown(value)}`);
      return fallback;
    },
    words: (name) => every(name, (item): item is string => typeof item === 'string'),
    numbers: (name) => every(name, (item): item is number => Number.isSafeInteger(item)),
    list: (name, most) => {
      const items = array(name, most);
      if (items?.every(isObject) ?? true)
        return items
          ?.filter(isObject)
          .map((item, index) => fieldsOf(item, pathOf(`${name}[${index}]`), problems));
      note(name, 'must be a list of objects');
      return undefined;
    },
    inner: (name) => {
      const [, value] = find(name);
      if (value === undefined) return undefined;
      if (isObject(value)) return fieldsOf(value, pathOf(name), problems);
      note(name, `must be an object, not ${shown(value)}`);
      return undefined;
    },
  };
}

/** Longest list that is looked at element by element: an ignore list names some modules of every layer. */
const longestList = 100_000;
/** Rotary scaling reaches 128 in published models. */
const largestFactor = 1e5;

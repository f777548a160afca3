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

/** Longest list that is looked at element by element: an ignore list names some modules of every layer. */
const longestList = 100_000;
/** Rotary scaling reaches 128 in published models. */
const largestFactor = 1e5;
/** Problems that a person would read. */
const mostProblems = 20;

/** An object of the file, where it stands, and where to complain. */
interface Place {
  readonly json: Json;
  readonly path: string;
  readonly problems: FieldProblem[];
}

/** A value as a message shows it: short, whatever it is. */
function shown(value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(value.slice(0, 40));
  if (Array.isArray(value)) return 'a list';
  if (isObject(value)) return 'an object';
  return String(value);
}

function pathOf({ path }: Place, name: string): string {
  return path === '' ? name : `${path}.${name}`;
}

function note(place: Place, name: string, message: string): void {
  if (place.problems.length < mostProblems) place.problems.push({ field: pathOf(place, name), message });
}

/** The first of these names that is present, and its value. */
function find({ json }: Place, names: Names): readonly [string, unknown] {
  const all = typeof names === 'string' ? [names] : names;
  const present = all.find((name) => Object.hasOwn(json, name) && json[name] !== null);
  return present === undefined ? [all[0] ?? '', undefined] : [present, json[present]];
}

interface Bounds {
  readonly least: number;
  readonly most: number;
  readonly fallback: number | undefined;
}

function whole(place: Place, names: Names, { least, most, fallback }: Bounds): number {
  const [name, value] = find(place, names);
  if (value === undefined && fallback !== undefined) return fallback;
  if (value === undefined) note(place, name, 'is missing');
  else if (typeof value !== 'number' || !Number.isSafeInteger(value)) {
    note(place, name, `must be a whole number, not ${shown(value)}`);
  } else if (value < least || value > most) {
    note(place, name, `must be from ${least} to ${most}, not ${value}`);
  } else return value;
  return 1;
}

function factor(place: Place, name: string, fallback: number): number {
  const [, value] = find(place, name);
  if (value === undefined) return fallback;
  if (typeof value === 'number' && value > 0 && value <= largestFactor) return value;
  note(place, name, `must be a number above 0 and up to ${largestFactor}, not ${shown(value)}`);
  return fallback;
}

function array(place: Place, name: string, most: number): readonly unknown[] | undefined {
  const [, value] = find(place, name);
  if (value === undefined) return undefined;
  if (Array.isArray(value) && value.length <= most) return value as readonly unknown[];
  note(place, name, `must be a list of at most ${most}, not ${shown(value)}`);
  return undefined;
}

function every<T>(place: Place, name: string, is: (item: unknown) => item is T): readonly T[] | undefined {
  const items = array(place, name, longestList);
  if (items === undefined || items.every(is)) return items;
  note(place, name, `has an element that does not belong there: ${shown(items.find((item) => !is(item)))}`);
  return undefined;
}

function ofType<T extends boolean | string>(place: Place, names: Names, kind: string, fallback: T): T {
  const [name, value] = find(place, names);
  if (value === undefined) return fallback;
  if (typeof value === typeof fallback) return value as T;
  note(place, name, `must be ${kind}, not ${shown(value)}`);
  return fallback;
}

function list(place: Place, name: string, most: number): readonly Fields[] | undefined {
  const items = array(place, name, most);
  if (items === undefined) return undefined;
  if (!items.every(isObject)) note(place, name, 'must be a list of objects');
  return items
    .filter(isObject)
    .map((item, index) => fieldsOf(item, pathOf(place, `${name}[${index}]`), place.problems));
}

function inner(place: Place, name: string): Fields | undefined {
  const [, value] = find(place, name);
  if (value === undefined) return undefined;
  if (isObject(value)) return fieldsOf(value, pathOf(place, name), place.problems);
  note(place, name, `must be an object, not ${shown(value)}`);
  return undefined;
}

/** Fields of `json`, whose path in the file is `path` (empty for the whole); problems go to `problems`. */
export function fieldsOf(json: Json, path: string, problems: FieldProblem[]): Fields {
  const place: Place = { json, path, problems };
  return {
    problems,
    has: (names) => find(place, names)[1] !== undefined,
    count: (names, most, fallback) => whole(place, names, { least: 1, most, fallback }),
    number: (name, most, fallback) => whole(place, name, { least: 0, most, fallback }),
    factor: (name, fallback) => factor(place, name, fallback),
    flag: (names, fallback) => ofType<boolean>(place, names, 'true or false', fallback),
    text: (name, fallback) => ofType<string>(place, name, 'a text', fallback),
    words: (name) => every(place, name, (item) => typeof item === 'string'),
    numbers: (name) => every(place, name, (item): item is number => Number.isSafeInteger(item)),
    list: (name, most) => list(place, name, most),
    inner: (name) => inner(place, name),
    note: (name, message) => {
      note(place, name, message);
    },
  };
}

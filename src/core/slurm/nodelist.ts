import { fail, ok, type Result } from '../result.ts';

/** More names than this are not a job's nodes but a bomb such as `n[1-9999][1-9999]`. */
const LARGEST = 65_536;
const LONGEST_TEXT = 1_000_000;

const literal = /^[A-Za-z0-9._-]*$/;
const range = /^(\d{1,15})(?:-(\d{1,15}))?$/;
const nodeName = /^[A-Za-z0-9][A-Za-z0-9._-]{0,254}$/;

/** The words for "no nodes". */
const none = new Set(['', '(null)', 'None', 'None assigned', 'N/A', 'n/a']);

/**
 * Names in a compressed node list: `gpu[01-04,7],login1,rack[1-2]n[1-3]`. Order is kept. Fails on whatever is not such a
 * list, with the reason: these names go into host names and commands.
 */
export function expandNodeList(text: string): Result<readonly string[], string> {
  const value = text.trim();
  if (none.has(value)) return ok([]);
  if (value.length > LONGEST_TEXT) return fail('the node list is too long');
  const items = splitOutsideBrackets(value);
  if (items === undefined) return fail(`the node list "${excerpt(value)}" has unbalanced brackets`);
  const names: string[] = [];
  for (const item of items) {
    const expanded = expandItem(item, LARGEST - names.length);
    if (!expanded.ok) return expanded;
    names.push(...expanded.value);
  }
  return ok(names);
}

/** Splits at commas that stand outside brackets; undefined where brackets do not match. */
function splitOutsideBrackets(text: string): readonly string[] | undefined {
  const items: string[] = [];
  let start = 0;
  let inside = false;
  for (let i = 0; i < text.length; i += 1) {
    const character = text[i];
    if (character === '[') {
      if (inside) return undefined;
      inside = true;
    } else if (character === ']') {
      if (!inside) return undefined;
      inside = false;
    } else if (character === ',' && !inside) {
      items.push(text.slice(start, i));
      start = i + 1;
    }
  }
  if (inside) return undefined;
  items.push(text.slice(start));
  return items;
}

/** One item, such as `rack[1-2]n[1-3]`: text and bracket parts alternate. */
function expandItem(item: string, room: number): Result<readonly string[], string> {
  let names: readonly string[] = [''];
  for (const [index, part] of item.split(/[[\]]/).entries()) {
    const choices = index % 2 === 0 ? literalPart(part) : rangePart(part, room);
    if (choices === undefined) return fail(`"${excerpt(item)}" is not a node list`);
    if (names.length * choices.length > room) return fail(`the node list names more than ${LARGEST} nodes`);
    names = names.flatMap((name) => choices.map((choice) => name + choice));
  }
  const bad = names.find((name) => !nodeName.test(name));
  return bad === undefined ? ok(names) : fail(`"${excerpt(bad)}" is not a node name`);
}

function literalPart(part: string): readonly string[] | undefined {
  return literal.test(part) ? [part] : undefined;
}

/** Numbers of `01-04,7`; the first number's width is the width of its range. */
function rangePart(part: string, room: number): readonly string[] | undefined {
  const numbers: string[] = [];
  for (const piece of part.split(',')) {
    const match = range.exec(piece);
    if (match === null) return undefined;
    const low = match[1] ?? '';
    const last = Number(match[2] ?? low);
    const first = Number(low);
    if (last < first || last - first >= LARGEST) return undefined;
    if (numbers.length + last - first > room) return undefined;
    for (let n = first; n <= last; n += 1) numbers.push(String(n).padStart(low.length, '0'));
  }
  return numbers;
}

interface Run {
  readonly first: string;
  last: string;
}

interface Group {
  readonly prefix: string;
  readonly runs: Run[];
}

/**
 * The compressed form of node names, in their order: neighbours that count up share a range, neighbours with the same
 * prefix share brackets. `expandNodeList` gives the same names back.
 */
export function compressNodeList(names: readonly string[]): string {
  const groups: Group[] = [];
  for (const name of names) {
    const digits = trailingDigits(name);
    const prefix = name.slice(0, name.length - digits.length);
    const group = groups.at(-1);
    if (digits === '' || group?.prefix !== prefix || group.runs[0]?.first === '') {
      groups.push({ prefix, runs: [{ first: digits, last: digits }] });
      continue;
    }
    const run = group.runs.at(-1);
    if (run !== undefined && follows(run, digits)) run.last = digits;
    else group.runs.push({ first: digits, last: digits });
  }
  return groups.map(groupText).join(',');
}

function groupText({ prefix, runs }: Group): string {
  const [only] = runs;
  if (runs.length === 1 && only !== undefined && only.first === only.last) return prefix + only.first;
  const ranges = runs.map(({ first, last }) => (first === last ? first : `${first}-${last}`));
  return `${prefix}[${ranges.join(',')}]`;
}

function follows(run: Run, digits: string): boolean {
  return digits === String(Number(run.last) + 1).padStart(run.first.length, '0');
}

/** At most 15 digits at the end: more than a number can hold exactly stay text. */
function trailingDigits(name: string): string {
  let start = name.length;
  while (start > 0 && name.length - start < 15 && isDigit(name[start - 1])) start -= 1;
  return name.slice(start);
}

function isDigit(character: string | undefined): boolean {
  return character !== undefined && character >= '0' && character <= '9';
}

function excerpt(text: string): string {
  return text.length > 60 ? `${text.slice(0, 57)}...` : text;
}

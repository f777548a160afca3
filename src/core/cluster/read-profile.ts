import { LineCounter, parseDocument, visit, type Document } from 'yaml';
import type * as z from 'zod';
import type { Diagnostic } from '../failure.ts';
import { nearest } from '../nearest.ts';
import { fail, ok, type Result } from '../result.ts';
import { MiB } from '../units.ts';
import { ClusterProfile } from './profile.ts';
import { profileRules } from './profile-rules.ts';
import { profileJsonSchema, schemaAt } from './schema-json.ts';
import { offsetOf, pathText, type Path } from './yaml-position.ts';

/** A profile is some kilobytes; more than this is not one. */
const longestProfile = MiB;

/** YAML aliases that may be expanded: enough for a hand-written file, too few for a "billion laughs". */
const mostAliases = 100;

/** More problems than this are one problem: the file is something else. */
const mostProblems = 100;

/** Keys that reach an object's prototype in careless code. */
const refusedKeys = new Set(['__proto__', 'constructor', 'prototype']);

interface Problem {
  readonly offset: number;
  readonly path: Path;
  readonly message: string;
  readonly suggestion?: string | undefined;
}

/**
 * The profile in the YAML `text` of `file`; `name` is the file's name without `.yaml`. Every problem of the file is
 * reported at once, with its line and column and, for a mistyped name, the nearest right one.
 */
export function readProfile(file: string, name: string, text: string): Result<ClusterProfile> {
  const lines = new LineCounter();
  const refuse = (problems: readonly Problem[]): Result<ClusterProfile> =>
    fail({
      kind: 'profile-invalid',
      file,
      problems: problems
        .toSorted((a, b) => a.offset - b.offset)
        .filter((found, index, all) => all[index - 1]?.message !== found.message || found.path.length > 0)
        .slice(0, mostProblems)
        .map((found) => diagnostic(file, lines, found)),
    });
  if (text.length > longestProfile) return refuse([whole('is longer than 1 MiB; a cluster profile is not')]);

  const parsed = parse(text, lines);
  if (!parsed.ok) return refuse(parsed.failure);
  const { document, value } = parsed.value;
  const checked = ClusterProfile.safeParse(value);
  if (!checked.success) {
    return refuse(checked.error.issues.flatMap((issue) => problemsOf(issue, document, value)));
  }
  const problems = [...profileRules.flatMap((rule) => rule(checked.data)), ...nameOf(checked.data, name)].map(
    ({ path, message, written, known }) => ({
      offset: offsetOf(document, path),
      path,
      message,
      suggestion: written === undefined ? undefined : nearest(written, known ?? []),
    }),
  );
  return problems.length > 0 ? refuse(problems) : ok(checked.data);
}

function nameOf(
  profile: ClusterProfile,
  name: string,
): readonly { path: Path; message: string; written?: string; known?: readonly string[] }[] {
  if (profile.name === name) return [];
  return [{ path: ['name'], message: `is ${profile.name}, but the file is called ${name}.yaml` }];
}

interface ParsedYaml {
  readonly document: Document;
  readonly value: unknown;
}

function parse(text: string, lines: LineCounter): Result<ParsedYaml, readonly Problem[]> {
  try {
    const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, stringKeys: true });
    const problems = [
      ...[...document.errors, ...document.warnings].map((error) => ({
        offset: error.pos[0],
        path: [],
        message: yamlMessages[error.code] ?? error.message,
      })),
      ...refusedKeysOf(document),
    ];
    if (problems.length > 0) return fail(problems);
    if (document.contents === null) return fail([whole('is empty')]);
    return ok({ document, value: document.toJS({ maxAliasCount: mostAliases }) as unknown });
  } catch (error) {
    // Nesting deeper than the stack and aliases beyond the limit are thrown, not listed, by the library.
    const because = error instanceof RangeError ? 'it is nested too deeply' : 'it has too many aliases';
    return fail([whole(`can't be read as YAML: ${because}`)]);
  }
}

/** Where the library's sentence is for programmers. */
const yamlMessages: Readonly<Record<string, string>> = {
  DUPLICATE_KEY: 'this key stands here twice',
  MULTIPLE_DOCS: 'a second document begins here; a profile is one',
  TAB_AS_INDENT: 'is indented with a tab; YAML takes spaces only',
  NON_STRING_KEY: 'this key is not a plain word',
};

function refusedKeysOf(document: Document): readonly Problem[] {
  const problems: Problem[] = [];
  visit(document, {
    Scalar(key, node) {
      if (key !== 'key' || typeof node.value !== 'string' || !refusedKeys.has(node.value)) return;
      problems.push({ offset: node.range?.[0] ?? 0, path: [node.value], message: 'this key is not allowed' });
    },
  });
  return problems;
}

function whole(message: string): Problem {
  return { offset: 0, path: [], message };
}

function problemsOf(issue: z.core.$ZodIssue, document: Document, value: unknown): readonly Problem[] {
  if (issue.code === 'unrecognized_keys') {
    const known = Object.keys(schemaAt(profileJsonSchema(), issue.path)?.properties ?? {});
    return issue.keys.map((key) => ({
      offset: offsetOf(document, [...issue.path, key], 'key'),
      path: [...issue.path, key],
      message: 'unknown key',
      suggestion: nearest(key, known),
    }));
  }
  const found = valueAt(value, issue.path);
  const choices = issue.code === 'invalid_value' ? issue.values.map(String) : [];
  return [
    {
      offset: offsetOf(document, issue.path),
      path: issue.path,
      message: messageOf(issue, found),
      suggestion: typeof found === 'string' ? nearest(found, choices) : undefined,
    },
  ];
}

function messageOf(issue: z.core.$ZodIssue, found: unknown): string {
  if (found === undefined) return 'is missing';
  switch (issue.code) {
    case 'invalid_type':
      return `must be ${typeNames[issue.expected] ?? issue.expected}, not ${shown(found)}`;
    case 'invalid_value':
      return `must be one of ${issue.values.map(String).join(', ')}, not ${shown(found)}`;
    case 'invalid_format':
      return `${issue.message.startsWith('Invalid') ? `must match ${issue.pattern ?? issue.format}` : issue.message}, not ${shown(found)}`;
    case 'too_small':
      return typeof found === 'number'
        ? `must be at least ${String(issue.minimum)}, not ${shown(found)}`
        : 'is empty';
    case 'too_big':
      return `is too large: at most ${String(issue.maximum)}`;
    default:
      return issue.message;
  }
}

const typeNames: Readonly<Record<string, string>> = {
  string: 'text',
  int: 'a whole number',
  number: 'a number',
  boolean: 'true or false',
  array: 'a list',
  object: 'a group of keys',
};

function shown(value: unknown): string {
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'object' && value !== null) return 'a group of keys';
  const text = JSON.stringify(value);
  return text.length > 60 ? `${text.slice(0, 57)}…` : text;
}

function valueAt(value: unknown, path: Path): unknown {
  let at = value;
  for (const step of path) {
    if (typeof at !== 'object' || at === null) return undefined;
    at = (at as Readonly<Record<PropertyKey, unknown>>)[step];
  }
  return at;
}

function diagnostic(file: string, lines: LineCounter, problem: Problem): Diagnostic {
  const { line, col } = lines.linePos(problem.offset);
  return {
    file,
    line: Math.max(line, 1),
    column: Math.max(col, 1),
    path: pathText(problem.path),
    message: problem.message,
    ...(problem.suggestion === undefined ? {} : { suggestion: problem.suggestion }),
  };
}

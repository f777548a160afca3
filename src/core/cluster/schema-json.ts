import * as z from 'zod';
import { ClusterProfile } from './profile.ts';

/** A node of a JSON schema, as far as this program reads it. */
export interface JsonSchema {
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly items?: JsonSchema;
  readonly enum?: readonly unknown[];
  readonly default?: unknown;
}

/**
 * The schema of a cluster profile as people write it, in the draft that yaml-language-server reads.
 * `clusters/schema.json` is this value; a profile's first line points its editor to it.
 */
export function profileJsonSchema(): JsonSchema {
  return (schema ??= {
    ...z.toJSONSchema(ClusterProfile, { io: 'input', target: 'draft-7' }),
    title: 'hpc-serve cluster profile',
  } as JsonSchema);
}

let schema: JsonSchema | undefined;

/** The text of `clusters/schema.json`. */
export function profileSchemaText(): string {
  return `${JSON.stringify(profileJsonSchema(), null, 2)}\n`;
}

/** The schema of the value at `path`; undefined where the schema knows no such place. */
export function schemaAt(top: JsonSchema, path: readonly PropertyKey[]): JsonSchema | undefined {
  let at: JsonSchema | undefined = top;
  for (const step of path) {
    at = typeof step === 'number' ? at?.items : at?.properties?.[String(step)];
  }
  return at;
}

import * as z from 'zod';

const host = z.strictObject({
  name: z.string(),
  address: z.string(),
  up: z.boolean(),
  problems: z.array(z.string()),
});

/** A sandbox that exists, whether all of it runs or not. */
const present = z.strictObject({
  name: z.string(),
  /** `incomplete`: its first start did not finish. */
  state: z.enum(['up', 'damaged', 'incomplete']),
  suite: z.enum(['bookworm', 'trixie', 'sid']),
  variant: z.enum(['standard', 'other']),
  slurmVersion: z.string(),
  /** When it was last brought up, in UTC; empty when it never was. */
  startedAt: z.string(),
  stateDir: z.string(),
  cacheDir: z.string(),
  nodes: z.number(),
  accounting: z.boolean(),
  hosts: z.array(host),
  ssh: z.strictObject({
    host: z.literal('127.0.0.1'),
    port: z.number(),
    user: z.string(),
    /** `ssh -F configFile alias` reaches the login host. */
    alias: z.string(),
    identityFile: z.string(),
    configFile: z.string(),
    knownHostsFile: z.string(),
  }),
  /** Where things lie inside the cluster. */
  paths: z.strictObject({
    home: z.string(),
    scratch: z.string(),
    images: z.string(),
    models: z.string(),
    engine: z.string(),
  }),
  users: z.array(z.string()),
  problems: z.array(z.string()),
});

const absent = z.strictObject({
  name: z.string(),
  /** `damaged`: processes of it run, but nothing says what it was; `down` removes them. */
  state: z.enum(['down', 'damaged']),
  stateDir: z.string(),
  cacheDir: z.string(),
});

export type PresentSandbox = z.infer<typeof present>;
export type AbsentSandbox = z.infer<typeof absent>;
/** What `sandbox … --json` prints. */
export type SandboxStatus = PresentSandbox | AbsentSandbox;

/** Reads the one line of JSON; anything else is a bug of the sandbox's programs, and thrown. */
export function parseStatus(text: string): SandboxStatus {
  return z.union([present, absent]).parse(JSON.parse(text));
}

/** Whether it has hosts, and so a way to reach it. */
export function isPresent(status: SandboxStatus): status is PresentSandbox {
  return 'ssh' in status;
}

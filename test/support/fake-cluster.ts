import { execFile } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { Remote, Remotes, Script, ScriptOutput } from '../../src/core/ports.ts';
import { ok, type Result } from '../../src/core/result.ts';

const fixtures = join(import.meta.dirname, '../fixtures/slurm');

/** What the login host of a made-up cluster has. */
export interface FakeClusterOptions {
  /** Release whose captured output Slurm's programs print; without it there is no Slurm. */
  readonly slurm?: string;
  /** Further programs, or other ones in place of Slurm's: their sh scripts. Undefined takes one away. */
  readonly programs?: Readonly<Record<string, string | undefined>>;
  /** Files by their path below the directory of the cluster. */
  readonly files?: Readonly<Record<string, string>>;
  readonly shell?: 'dash' | 'bash';
  readonly environment?: Readonly<Record<string, string>>;
}

export interface FakeCluster {
  readonly directory: string;
  readonly home: string;
  readonly remotes: Remotes;
  /** What scripts ran for, one a round trip. */
  readonly trips: readonly string[];
}

/** A login host whose programs are our own sh scripts; the scripts that it runs are run by a real shell. */
export function fakeCluster(options: FakeClusterOptions): FakeCluster {
  const directory = mkdtempSync(join(tmpdir(), 'hs-fake-cluster-'));
  const bin = join(directory, 'bin');
  const home = join(directory, 'home/alice');
  mkdirSync(bin);
  mkdirSync(home, { recursive: true });
  const programs: Readonly<Record<string, string | undefined>> = {
    id: idProgram,
    ...(options.slurm === undefined ? {} : slurmPrograms(options.slurm)),
    ...options.programs,
  };
  for (const [name, body] of Object.entries(programs)) {
    if (body !== undefined) writeProgram(join(bin, name), body);
  }
  for (const [path, content] of Object.entries(options.files ?? {})) {
    mkdirSync(dirname(join(directory, path)), { recursive: true });
    writeFileSync(join(directory, path), content);
  }
  const environment = { HOME: home, PATH: `${bin}:/usr/bin:/bin`, USER: 'alice', ...options.environment };
  const trips: string[] = [];
  const remote: Remote = {
    host: 'fake',
    lost: new Promise(() => undefined),
    run: (script) => {
      trips.push(script.what);
      return runScript(options.shell ?? 'dash', environment, script);
    },
    follow: () => {
      throw new Error('not needed here');
    },
    forward: () => {
      throw new Error('not needed here');
    },
    close: () => Promise.resolve(),
  };
  return { directory, home, trips, remotes: { connect: () => Promise.resolve(ok(remote)) } };
}

function writeProgram(path: string, body: string): void {
  writeFileSync(path, `#!/bin/sh\n${body}\n`);
  chmodSync(path, 0o755);
}

function runScript(
  shell: string,
  environment: Readonly<Record<string, string>>,
  script: Script,
): Promise<Result<ScriptOutput>> {
  return new Promise((resolve) => {
    const child = execFile(
      shell,
      ['-c', script.text],
      { env: environment, maxBuffer: 2 ** 26 },
      (error, stdout, stderr) => resolve(ok({ exitCode: Number(error?.code ?? 0), stdout, stderr })),
    );
    child.stdin?.end();
  });
}

const idProgram = 'case $1 in -un) echo alice ;; -Gn) echo hpc users ;; *) exec /usr/bin/id "$@" ;; esac';

/** Slurm's programs as far as the probe asks them; srun runs its command on this machine. */
export function slurmPrograms(release: string): Readonly<Record<string, string>> {
  const file = (name: string): string => `cat '${join(fixtures, release, name)}'`;
  return {
    scontrol: `case "$*" in
  *"show partition"*) ${file('partitions.txt')} ;;
  *"show node"*) ${file('nodes.txt')} ;;
  *"show config"*) ${file('config.txt')} ;;
  *"show reservation"*) ${file('reservations.txt')} ;;
  --version) ${file('version.txt')} ;;
  *) exit 1 ;;
esac`,
    sacctmgr: `case "$*" in
  *"show assoc"*) ${file('associations.txt')} ;;
  *"show user"*) ${file('default-account.txt')} ;;
  *format=Name,Preempt*) printf 'normal|\\n' ;;
  *"show qos"*) ${file('qos.txt')} ;;
  *) exit 1 ;;
esac`,
    sacct: 'exit 0',
    scancel: 'exit 0',
    srun: `case "$*" in
  --mpi=list) printf 'MPI plugin types are...\\n\\tnone\\n\\tpmix\\n\\tpmi2\\nspecific pmix plugin versions available: pmix_v4\\n' >&2 ;;
  --help) echo '      --container             Path to OCI container bundle' ;;
  *) while [ "$1" != sh ]; do shift; done; exec "$@" ;;
esac`,
  };
}

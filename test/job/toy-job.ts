import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import {
  chmodSync,
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { EndpointRecord, JobEvent } from '../../src/core/deployment/records.ts';
import { makePlan } from '../../src/core/plan/make-plan.ts';
import type { Plan } from '../../src/core/plan/plan.ts';
import { renderJob } from '../../src/core/render/job.ts';
import { tar } from '../../src/core/render/tar.ts';
import { attempt, now, profile, request } from '../support/planning.ts';
import { templates } from '../support/templates.ts';

export const apiKey = 'canary-key-0123456789';

/** A request that the toy engine noted, or its start. */
export interface Note {
  /** Milliseconds since 1970. */
  readonly at: number;
  readonly pid: number;
  readonly port: number;
  readonly gpus: string;
  readonly start?: readonly string[];
  readonly tmp?: string;
  readonly url?: string;
  readonly authorised?: boolean;
  readonly ignored?: string;
}

/** A rendered job that runs under real bash on this machine, with a toy srun and a toy engine on its PATH. */
export class ToyJob {
  readonly root = mkdtempSync(join(tmpdir(), 'toy job ')); // a blank in the path, on purpose
  readonly plan: Plan;
  private readonly batch: ChildProcess;
  private readonly ended: Promise<number | null>;

  constructor(options: {
    readonly gpus: number;
    readonly partition: string;
    readonly fault?: string;
    readonly visible?: string;
    /** What is not on the node. */
    readonly without?: 'weights' | 'program';
  }) {
    const site = profile({ root: this.root, images: [], runtimes: [{ kind: 'none' }] });
    const weights = join(this.root, 'model.gguf');
    if (options.without !== 'weights') writeFileSync(weights, '');
    const asked = request('llama3-8b', { gpus: options.gpus, partition: options.partition, weights });
    const plan = makePlan({ request: asked, profile: site, now, attempt });
    if (!plan.ok) throw new Error(JSON.stringify(plan.failure));
    this.plan = plan.value;
    this.unpack();
    this.batch = spawn('bash', [join(this.plan.paths.job, 'job.sh')], {
      cwd: this.plan.paths.job,
      detached: true,
      stdio: ['ignore', 'inherit', 'inherit'],
      env: {
        PATH: `${this.toys(options.without)}:${process.env['PATH'] ?? ''}`,
        TMPDIR: join(this.root, 'tmp'),
        SLURM_JOB_ID: '42',
        TOY_NOTES: join(this.root, 'notes'),
        TOY_FAULT: options.fault ?? '',
        ...(options.visible === undefined ? {} : { TOY_GPUS: options.visible }),
      },
    });
    this.ended = new Promise((resolve) => this.batch.on('exit', resolve));
  }

  private unpack(): void {
    const bundle = renderJob(this.plan, templates, { apiKey });
    const { job } = this.plan.paths;
    mkdirSync(job, { recursive: true, mode: 0o700 });
    const archive = tar(bundle.files, Math.floor(now / 1000), bundle.directories);
    const { status, stderr } = spawnSync('tar', ['-x', '-C', job], { input: archive });
    if (status !== 0) throw new Error(stderr.toString());
  }

  private toys(without: string | undefined): string {
    const bin = join(this.root, 'bin');
    mkdirSync(bin);
    mkdirSync(join(this.root, 'tmp'));
    // The impostor runs as another user and must be able to read itself and write its notes.
    chmodSync(this.root, 0o777);
    for (const [toy, name] of [
      ['toy-srun.sh', 'srun'],
      ['toy-engine.mjs', 'llama-server'],
    ] as const) {
      if (name === 'llama-server' && without === 'program') continue;
      copyFileSync(join(process.cwd(), 'test/job', toy), join(bin, name));
      chmodSync(join(bin, name), 0o755);
    }
    return bin;
  }

  private records<T>(directory: string, read: (value: unknown) => T): readonly T[] {
    const names = readdirSync(directory).filter((name) => name.endsWith('.json'));
    return names.toSorted().map((name) => read(JSON.parse(readFileSync(join(directory, name), 'utf8'))));
  }

  endpoints(): readonly EndpointRecord[] {
    return this.records(this.plan.paths.endpoints, (value) => EndpointRecord.parse(value));
  }

  /** In the order in which they happened. */
  events(): readonly JobEvent[] {
    return this.records(this.plan.paths.events, (value) => JobEvent.parse(value));
  }

  stages(): readonly string[] {
    return this.events().map(({ stage }) => stage);
  }

  notes(suffix = ''): readonly Note[] {
    try {
      const lines = readFileSync(join(this.root, `notes${suffix}`), 'utf8').split('\n');
      return lines.filter((line) => line !== '').map((line) => JSON.parse(line) as Note);
    } catch {
      return [];
    }
  }

  /** Every file and directory below the job's directory with its permission bits. */
  modes(): ReadonlyMap<string, number> {
    const { job } = this.plan.paths;
    const names = readdirSync(job, { recursive: true, encoding: 'utf8' });
    return new Map(names.map((name) => [name, statSync(join(job, name)).mode & 0o777]));
  }

  /** Waits until `condition` holds. */
  async until(what: string, condition: () => boolean, seconds = 15): Promise<void> {
    const deadline = Date.now() + seconds * 1000;
    while (!condition()) {
      if (Date.now() > deadline)
        throw new Error(`not in ${seconds} s: ${what}; events: ${JSON.stringify(this.events())}`);
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }

  signal(signal: 'SIGTERM' | 'SIGUSR1'): void {
    this.batch.kill(signal);
  }

  /** The job's exit code. */
  exit(): Promise<number | null> {
    return this.ended;
  }

  /** Command lines of this machine's processes that mention this job's directory or its engine's PATH. */
  processes(): readonly string[] {
    const lines = readdirSync('/proc')
      .filter((name) => /^\d+$/.test(name))
      .map((pid) => {
        try {
          return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ');
        } catch {
          return '';
        }
      });
    return lines.filter((line) => line.includes(this.root));
  }

  async remove(): Promise<void> {
    this.batch.kill('SIGTERM');
    await this.ended;
    rmSync(this.root, { recursive: true, force: true });
  }
}

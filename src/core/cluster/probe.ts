import type { Failure } from '../failure.ts';
import { fail, ok, type Result } from '../result.ts';
import { parseAssociations, parseQos, type Association, type QualityOfService } from '../slurm/sacctmgr.ts';
import { parseSlurmConfig, type SlurmConfig } from '../slurm/scontrol-config.ts';
import { parseNodes, type SlurmNode } from '../slurm/scontrol-node.ts';
import { parsePartitions, type SlurmPartition } from '../slurm/scontrol-partition.ts';
import { parseReservations, type SlurmReservation } from '../slurm/scontrol-reservation.ts';
import { valueOf, type Section, type Sections } from './sections.ts';

/** What the login host said, taken apart but not yet judged. */
export interface Probe {
  readonly sections: ReadonlyMap<string, Section>;
  /** False where the script was cut off. */
  readonly complete: boolean;
  readonly user: string;
  readonly home: string;
  readonly groups: readonly string[];
  /** Directory of Slurm's commands, where the PATH of a non-login shell lacks them. */
  readonly slurmBin: string | undefined;
  readonly version: string;
  readonly config: SlurmConfig;
  readonly timeZone: string | undefined;
  readonly partitions: readonly SlurmPartition[];
  readonly nodes: readonly SlurmNode[];
  readonly associations: readonly Association[];
  readonly defaultAccount: string | undefined;
  readonly qos: readonly QualityOfService[];
  /** QOS that others have in their Preempt list; they yield under preempt/qos. */
  readonly preemptees: readonly string[];
  readonly reservations: readonly SlurmReservation[];
}

/**
 * Reads the output of templates/remote/probe.sh. Fails only without Slurm: where there is no scontrol, or the
 * controller names no partition.
 */
export function readProbe({ byName: sections, complete }: Sections, host: string): Result<Probe> {
  const text = (name: string): string => sections.get(name)?.output ?? '';
  const partitions = parsePartitions(text('partitions'));
  if (partitions.length === 0) return fail(noSlurm(sections.get('partitions'), host));

  const identity = sections.get('identity');
  const config = parseSlurmConfig(text('config'));
  const associations = parseAssociations(text('associations'));
  const qos = parseQos(text('qos'));
  return ok({
    sections,
    complete,
    user: valueOf(identity, 'user') ?? '',
    home: (valueOf(identity, 'home') ?? '').replace(/\/+$/, ''),
    groups: (valueOf(identity, 'groups') ?? '').split(' ').filter((group) => group !== ''),
    slurmBin: valueOf(identity, 'slurm_bin'),
    version: /\d+\.\d+[\w.-]*/.exec(config.version ?? text('version'))?.[0] ?? '0.0',
    config,
    timeZone: timeZoneOf(identity),
    partitions,
    nodes: parseNodes(text('nodes')),
    associations: associations.ok ? associations.value : [],
    defaultAccount: text('default-account').split('\n')[0],
    qos: qos.ok ? qos.value : [],
    preemptees: text('qos-preempt')
      .split('\n')
      .flatMap((line) => line.slice(line.indexOf('|') + 1).split(','))
      .filter((name) => name !== ''),
    reservations: parseReservations(text('reservations')),
  });
}

function noSlurm(section: Section | undefined, host: string): Failure {
  const stderr = section?.errors ?? 'the probe ended before it came to Slurm';
  if (section === undefined || section.status === 127) {
    return {
      kind: 'remote-command',
      what: `look for Slurm on ${host}: there is no scontrol in PATH, in a login shell's PATH or in the usual places`,
      exitCode: 127,
      stderr,
    };
  }
  return { kind: 'slurm-unavailable', program: 'scontrol show partition', stderr };
}

/** The IANA name of the host's time zone; undefined where nothing tells it. */
function timeZoneOf(identity: Section | undefined): string | undefined {
  const link = valueOf(identity, 'zone_link');
  const candidates = [
    /\/zoneinfo\/(?:posix\/|right\/)?(.+)$/.exec(link ?? '')?.[1],
    valueOf(identity, 'zone_file'),
    valueOf(identity, 'zone_variable')?.replace(/^:/, ''),
    valueOf(identity, 'zone_letters') === 'UTC' ? 'UTC' : undefined,
  ];
  return candidates.find((zone) => zone !== undefined && isTimeZone(zone));
}

function isTimeZone(zone: string): boolean {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: zone }).format(0) !== '';
  } catch {
    return false;
  }
}

/** MPI plugins in `srun --mpi=list`: one a line under a heading in new versions, after `srun: ` in old ones. */
export function mpiPlugins(section: Section | undefined): readonly string[] {
  const words = (section?.output ?? '').split('\n').flatMap((line) => {
    const versions = /pmix plugin versions available:\s*(.*)$/.exec(line)?.[1];
    if (versions !== undefined) return versions.split(/[\s,]+/).filter((name) => name !== '');
    const word = /^(?:srun:\s*)?\s*((?:none|openmpi|pmix|pmi2|pmi1|cray_shasta|mvapich|pmix_v\d+)\w*)$/.exec(
      line.trim(),
    );
    return word?.[1] === undefined ? [] : [word[1]];
  });
  return [...new Set(words)];
}

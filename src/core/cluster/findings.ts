import type { Assembled } from './assemble.ts';
import { stripControl } from '../render/terminal.ts';
import { slowDirectories } from './disks.ts';
import type { Probe } from './probe.ts';
import type { ClusterProfile, ProfilePartition } from './profile.ts';
import type { Section } from './sections.ts';

/** One line of what `init` tells: what was looked for, and what came of it. */
export interface Finding {
  readonly what: string;
  readonly text: string;
}

/** What was found, and what could not be found or needs the user's eye. */
export interface Findings {
  readonly found: readonly Finding[];
  readonly notes: readonly Finding[];
}

/** The findings for a person: every part of the profile in a line, then what is missing and why. */
export function findingsOf(probe: Probe, node: Section | undefined, assembled: Assembled): Findings {
  return {
    found: foundIn(assembled.profile, assembled).filter((finding) => finding.text !== ''),
    notes: [...emptyHanded(probe, node, assembled.profile), ...doubts(probe, assembled)],
  };
}

function foundIn(profile: ClusterProfile, assembled: Assembled): readonly Finding[] {
  const { slurm } = profile;
  const accounts = [...new Set(profile.accounts.map((account) => account.name))];
  return [
    {
      what: 'Slurm',
      text: `${slurm.version}${slurm.clusterName === undefined ? '' : `, cluster ${slurm.clusterName}`}`,
    },
    ...profile.partitions.map((partition) => ({ what: 'partition', text: describePartition(partition) })),
    { what: 'accounts', text: accounts.join(', ') },
    { what: 'QOS', text: profile.qos.map((qos) => qos.name).join(', ') },
    { what: 'MPI', text: slurm.mpi.join(', ') },
    {
      what: 'containers',
      text: profile.runtimes
        .filter((runtime) => runtime.kind !== 'none')
        .map((runtime) => [runtime.kind, runtime.version].filter((part) => part !== undefined).join(' '))
        .join(', '),
    },
    { what: 'modules', text: shortened(profile.modules) },
    { what: 'images', text: profile.images.map((image) => `${image.engine} (${image.path})`).join(', ') },
    {
      what: 'programs',
      text: profile.programs.map((program) => `${program.engine} (${program.path})`).join(', '),
    },
    { what: 'weights', text: shortened([...new Set(profile.models.map((weights) => weights.model))]) },
    { what: 'network', text: profile.interfaces.map((link) => `${link.name} (${link.kind})`).join(', ') },
    { what: 'time zone', text: profile.timeZone },
    { what: 'root', text: `${profile.root}: ${assembled.root.because}` },
  ];
}

function describePartition(partition: ProfilePartition): string {
  const groups = partition.nodes.map((group) => {
    const gpus = group.gpus.map((gpu) => `${gpu.count} × ${gpu.model ?? gpu.gres ?? 'GPU'}`).join(' + ');
    return `${group.count} × ${gpus === '' ? `${group.cpus} CPUs` : `(${gpus})`}`;
  });
  const marks = [
    partition.default ? 'default' : '',
    partition.up ? '' : 'down',
    partition.preemptible ? 'preemptible' : '',
  ].filter((mark) => mark !== '');
  return `${partition.name}: ${[groups.join(' + '), `at most ${partition.maxTime}`, ...marks].join(', ')}`;
}

function shortened(names: readonly string[]): string {
  const most = 8;
  const rest = names.length - most;
  return `${names.slice(0, most).join(', ')}${rest > 0 ? ` and ${rest} more` : ''}`;
}

/** Why a section gave nothing, from its status and the first line of its errors. */
function why(section: Section | undefined): string {
  if (section === undefined) return 'the probe was cut off before';
  if (section.status === 127) return 'there is no such program on the login host';
  if (section.status === 124 || section.status === 137) return 'it took too long';
  const [line = ''] = stripControl(section.errors).split('\n');
  return line === '' ? 'nothing was printed' : line.slice(0, 200);
}

/** Parts of the profile that stayed empty. */
function emptyHanded(probe: Probe, node: Section | undefined, profile: ClusterProfile): readonly Finding[] {
  const { sections } = probe;
  const notes: Finding[] = [];
  const note = (isMissing: boolean, what: string, text: string): void => {
    if (isMissing) notes.push({ what, text });
  };
  note(profile.slurm.version === '0.0', 'Slurm version', why(sections.get('version')));
  note(sections.get('config')?.status !== 0, 'Slurm configuration', why(sections.get('config')));
  note(
    !profile.slurm.accounting,
    'accounting',
    probe.config.accounting
      ? `Slurm has it, but sacct did not answer (${why(sections.get('sacct'))}); run init again when it does`
      : `there is none (${why(sections.get('sacct'))}): jobs need no account, and ended ones are forgotten soon`,
  );
  note(
    profile.slurm.accounting && profile.accounts.length === 0,
    'accounts',
    `no association of ${probe.user} was found (${why(sections.get('associations'))}); Slurm's default is used`,
  );
  note(
    probe.nodes.length === 0,
    'nodes',
    `${why(sections.get('nodes'))}; totals of the partitions are used instead`,
  );
  note(profile.slurm.mpi.length === 0, 'MPI', why(sections.get('mpi')));
  note(
    profile.runtimes.every((runtime) => runtime.kind === 'none'),
    'containers',
    'neither Apptainer nor Singularity nor Pyxis was found; only engines installed on the nodes can be served',
  );
  note(
    profile.images.length === 0 && profile.programs.length === 0,
    'images',
    'no container image and no engine was found; say where with --images DIR',
  );
  note(profile.models.length === 0, 'weights', 'no model weights were found; say where with --models DIR');
  note(probe.timeZone === undefined, 'time zone', 'could not be told; UTC is assumed');
  note(node?.status !== 0, 'compute node', whyNoNode(node));
  note(!probe.complete, 'probe', 'its output was cut; what came before is used');
  return notes;
}

function whyNoNode(node: Section | undefined): string {
  if (node === undefined) return 'not looked at; its network, its runtimes and what it shares are assumed';
  return `${why(node)}; its network, its runtimes and what it shares are assumed`;
}

/** What was found but may be wrong or incomplete. */
function doubts(probe: Probe, assembled: Assembled): readonly Finding[] {
  const resting = probe.nodes.filter((node) => !node.state.usable);
  return [
    ...assembled.unknownGpus.map((gpu) => ({
      what: 'GPU',
      text:
        (gpu.gres === undefined
          ? `the GPUs of ${gpu.nodes} have no type in Slurm`
          : `type ${gpu.gres} may be several GPUs`) +
        `; give --gpu ${gpu.gres === undefined ? '' : `${gpu.gres}=`}<name>, or add "model: <name>" to ${gpu.path}`,
    })),
    ...assembled.closed.map(({ name, closed }) => ({
      what: 'partition',
      text: `${name} is left out: ${closed ?? ''}`,
    })),
    ...assembled.unknownImages.map((path) => ({
      what: 'image',
      text: `the engine in ${path} is not known; add it to images, or label it org.hpc-serve.engine`,
    })),
    ...assembled.unusable.map((item) => ({ what: 'left out', text: `a profile can't hold ${item}` })),
    ...slowDirectories(probe.sections.get('disks')).map((directory) => ({
      what: 'file system',
      text: `${directory} did not answer within 3 s and is left out`,
    })),
    ...(resting.length === 0
      ? []
      : [
          {
            what: 'nodes',
            text: `${resting.length} of ${probe.nodes.length} are down or drained today; they are in the profile`,
          },
        ]),
  ];
}

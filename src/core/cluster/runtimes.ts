import type { ClusterProfile } from './profile.ts';
import { valuesOf, type Section } from './sections.ts';

export type Runtime = ClusterProfile['runtimes'][number];

/** `apptainer version 1.4.5-2`, `singularity-ce version 3.11.4`, `3.8.7`. */
function versionIn(text: string): string | undefined {
  return /\d+\.\d+(?:\.\d+)?(?:[-+~][\w.]+)?/.exec(text)?.[0];
}

interface Program {
  readonly name: string;
  readonly path: string;
  readonly version: string;
  /** Environment module that has to be loaded first. */
  readonly module?: string;
}

/** `<name> <path> <version…>`. */
function programIn(line: string): Program {
  const [name = '', path = '', ...version] = line.split(' ');
  return { name, path, version: version.join(' ') };
}

/** Programs on the compute node, which is where they will run. */
function onNode(node: Section): readonly Program[] {
  const versions = valuesOf(node, 'version').map((line) => line.split(' '));
  return valuesOf(node, 'program')
    .map(programIn)
    .map((program) => ({
      ...program,
      version:
        versions
          .find(([name]) => name === program.name)
          ?.slice(1)
          .join(' ') ?? '',
    }));
}

/**
 * Container runtimes, the preferred one first: Apptainer, Singularity, Pyxis, and none at all last. What a compute node
 * has counts more than what the login host has; a module counts where neither has one without.
 */
export function runtimesOf(
  sections: ReadonlyMap<string, Section>,
  node: Section | undefined,
): readonly Runtime[] {
  const login = (sections.get('runtimes')?.output ?? '').split('\n').map(programIn);
  const seen = node?.status === 0 ? onNode(node) : [];
  const loaded = valuesOf(sections.get('login-shell'), 'loaded')
    .map(programIn)
    .map((program) => ({ ...program, module: program.name }));
  const inLoginShell = valuesOf(sections.get('login-shell'), 'program').map(programIn);
  const programs = [...seen, ...(seen.length > 0 ? [] : [...login, ...inLoginShell]), ...loaded];

  const runtimes: Runtime[] = (['apptainer', 'singularity'] as const).flatMap((kind) => {
    const program = programs.find(({ name, path }) => name === kind && path.startsWith('/'));
    // Apptainer installs `singularity` as a second name of itself.
    if (program === undefined || (kind === 'singularity' && program.version.startsWith('apptainer')))
      return [];
    const version = versionIn(program.version);
    return [
      {
        kind,
        path: program.path,
        ...(version === undefined ? {} : { version }),
        ...(program.module === undefined ? {} : { module: program.module }),
      },
    ];
  });
  if (sections.get('srun-help')?.output.includes('--container-image') === true)
    runtimes.push({ kind: 'pyxis' });
  return [...runtimes, { kind: 'none' }];
}

/** The environment modules that matter to engines; Lmod's and Tcl's marks for defaults are taken off. */
export function modulesOf(section: Section | undefined): readonly string[] {
  const wanted =
    /^(?:[\w.-]+\/)*(?:cuda|cudnn|nccl|ucx|rocm|nvhpc|apptainer|singularity(?:-ce|ce)?|enroot|openmpi|squashfs\w*)(?:\/[\w.+-]+)*$/i;
  const names = valuesOf(section, 'module').map((line) =>
    line.replace(/\s*[(<][^()<>]*[)>]\s*$/, '').replace(/\/$/, ''),
  );
  return [...new Set(names.filter((name) => wanted.test(name)))].sort();
}

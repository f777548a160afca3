import { findGpu, listGpus } from '../catalog/gpu.ts';
import type { ClusterProfile } from './profile.ts';

/** Something in a profile that the shape of a single value can't tell. */
export interface RuleProblem {
  readonly path: readonly (string | number)[];
  readonly message: string;
  /** Names that would be right here, for a suggestion. */
  readonly written?: string;
  readonly known?: readonly string[];
}

type Rule = (profile: ClusterProfile) => readonly RuleProblem[];

/** The entries after the first of those with the same key. */
function repeated<T>(
  list: string,
  items: readonly T[],
  key: (item: T) => string,
  what: string,
): readonly RuleProblem[] {
  const first = new Map<string, number>();
  return items.flatMap((item, index) => {
    const name = key(item);
    const earlier = first.get(name);
    if (earlier !== undefined) {
      return [
        { path: [list, index], message: `${what} ${name} is described twice, first in ${list}[${earlier}]` },
      ];
    }
    first.set(name, index);
    return [];
  });
}

/** A name that is used at `path` but not among the `known`. An empty `known` means that nothing was recorded. */
function unknown(
  path: RuleProblem['path'],
  written: string | undefined,
  known: readonly string[],
  what: string,
): readonly RuleProblem[] {
  if (written === undefined || known.length === 0 || known.includes(written)) return [];
  return [{ path, message: `there is no ${what} ${written} in this profile`, written, known }];
}

const namesAreUnique: Rule = (profile) => [
  ...repeated('partitions', profile.partitions, (partition) => partition.name, 'partition'),
  ...repeated('qos', profile.qos, (qos) => qos.name, 'QOS'),
  ...repeated(
    'accounts',
    profile.accounts,
    (account) =>
      account.partition === undefined ? account.name : `${account.name} for partition ${account.partition}`,
    'account',
  ),
];

const oneDefaultPartition: Rule = (profile) => {
  const [, ...others] = profile.partitions.flatMap((partition, index) => (partition.default ? [index] : []));
  return others.map((index) => ({
    path: ['partitions', index, 'default'],
    message: 'another partition is the default already; Slurm has one',
  }));
};

const oneDefaultAccount: Rule = (profile) => {
  const defaults = profile.accounts.flatMap((account, index) =>
    account.default ? [{ name: account.name, index }] : [],
  );
  return defaults
    .filter(({ name }) => name !== defaults[0]?.name)
    .map(({ index }) => ({
      path: ['accounts', index, 'default'],
      message: `account ${defaults[0]?.name ?? ''} is the default already; Slurm has one`,
    }));
};

const accountsNamePartitions: Rule = (profile) => {
  const partitions = profile.partitions.map((partition) => partition.name);
  return profile.accounts.flatMap((account, index) =>
    unknown(['accounts', index, 'partition'], account.partition, partitions, 'partition'),
  );
};

const defaultsExist: Rule = (profile) => {
  const { partition, account, qos } = profile.defaults;
  const names = (items: readonly { readonly name: string }[]): string[] => items.map((item) => item.name);
  return [
    ...unknown(['defaults', 'partition'], partition, names(profile.partitions), 'partition'),
    ...unknown(['defaults', 'account'], account, names(profile.accounts), 'account'),
    ...unknown(['defaults', 'qos'], qos, names(profile.qos), 'QOS'),
  ];
};

const gpusAreInTheCatalog: Rule = (profile) =>
  profile.partitions.flatMap((partition, p) =>
    partition.nodes.flatMap((group, n) =>
      group.gpus.flatMap(({ model }, g) => {
        if (model === undefined || findGpu(model) !== undefined) return [];
        return [
          {
            path: ['partitions', p, 'nodes', n, 'gpus', g, 'model'],
            message: `there is no GPU ${model} in the catalog; hpc-serve gpus lists them`,
            written: model,
            known: listGpus().map((gpu) => gpu.id),
          },
        ];
      }),
    ),
  );

const rootIsOurs: Rule = ({ root }) => {
  const steps = root.split('/').filter((step) => step !== '' && step !== '.');
  if (steps.includes('..')) return [{ path: ['root'], message: 'must not contain ..' }];
  if (steps.length < 2) {
    return [{ path: ['root'], message: 'must be a directory of its own, such as /home/alice/hpc-serve' }];
  }
  return [];
};

const sshNeedsAHost: Rule = ({ connection }) =>
  connection.host.startsWith('-') || /[\s\p{Cc}]/u.test(connection.host)
    ? [{ path: ['connection', 'host'], message: 'is not a host name or Host alias' }]
    : [];

/** What must hold between the values of a profile, one function a rule. */
export const profileRules: readonly Rule[] = [
  namesAreUnique,
  oneDefaultPartition,
  oneDefaultAccount,
  accountsNamePartitions,
  defaultsExist,
  gpusAreInTheCatalog,
  rootIsOurs,
  sshNeedsAHost,
];

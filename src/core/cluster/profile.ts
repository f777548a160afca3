import * as z from 'zod';

/**
 * A cluster profile: how to reach a cluster and what it has. Written by `init`, edited by people, and the only
 * description of a site. Every object is strict, so that a mistyped key is an error and not a silent default.
 */

const count = z.int().min(0);
const positive = z.int().min(1);
/** Characters that Slurm, bash and sbatch's option parser all take literally. */
const slurmName = z
  .string()
  .regex(
    /^[A-Za-z0-9_][A-Za-z0-9._@+-]{0,127}$/,
    'must be 1 to 128 letters, digits, or . _ @ + - and begin with a letter, a digit or _',
  );
const absolutePath = z
  .string()
  .regex(/^\/[^\0\n\r]*$/, 'must be an absolute path')
  .max(4096);
/** `days-hh:mm:ss`, `hh:mm:ss` or `UNLIMITED`. A bare `a:b` is refused: Slurm reads it as minutes:seconds. */
const slurmTime = z
  .string()
  .regex(
    /^(?:\d+-\d{1,2}(?::\d{1,2}){0,2}|\d+:\d{1,2}:\d{1,2}|UNLIMITED)$/,
    'write days-hh:mm:ss, hh:mm:ss or UNLIMITED',
  );

const Connection = z.strictObject({
  transport: z
    .enum(['ssh2', 'openssh', 'local'])
    .default('ssh2')
    .describe("ssh2 (built in), openssh (the system's ssh) or local (on the login host itself)"),
  host: z.string().min(1).describe('host name or Host alias of your ssh configuration'),
  user: z.string().min(1).optional(),
  port: z.int().min(1).max(65535).optional(),
  identityFile: z.string().min(1).optional(),
  configFile: z.string().min(1).optional().describe('ssh configuration file to use instead of ~/.ssh/config'),
});

const Gpus = z.strictObject({
  gres: slurmName
    .optional()
    .describe("type in Slurm's gres, as in gpu:<type>:<count>; leave out where the gres has no type"),
  model: z
    .string()
    .min(1)
    .optional()
    .describe("GPU of the catalog (hpc-serve gpus lists them); asked for where Slurm's type does not tell"),
  count: positive.describe('GPUs per node'),
});

const NodeGroup = z.strictObject({
  names: z.string().min(1).describe('compressed node list, such as gpu[01-04]'),
  count: positive.describe('nodes of this shape'),
  cpus: positive.describe('CPUs per node'),
  memoryMiB: positive.describe('memory per node, MiB'),
  gpus: z.array(Gpus).default([]),
  features: z.array(z.string()).default([]),
});

export const Partition = z.strictObject({
  name: slurmName,
  default: z.boolean().default(false),
  up: z.boolean().default(true).describe('false: jobs are not started here at present'),
  maxTime: slurmTime.default('UNLIMITED'),
  defaultTime: slurmTime.optional(),
  maxNodes: positive.optional().describe('nodes per job'),
  preemptible: z.boolean().default(false).describe('jobs here may be stopped for others'),
  priority: z.int().default(1).describe("Slurm's PriorityTier: the higher is served first"),
  accounts: z.array(slurmName).optional().describe('accounts that may use it; all where left out'),
  qos: z.array(slurmName).optional().describe('QOS that may be used; all where left out'),
  nodes: z.array(NodeGroup).default([]),
});

export const Account = z.strictObject({
  name: slurmName,
  default: z.boolean().default(false),
  partition: slurmName.optional().describe('the association holds for this partition only'),
  qos: z.array(slurmName).default([]),
  defaultQos: slurmName.optional(),
  maxGpus: count.optional().describe('GPUs the association may hold at once'),
  maxGpusPerJob: count.optional(),
  maxTime: slurmTime.optional(),
});

export const Qos = z.strictObject({
  name: slurmName,
  priority: count.default(0),
  maxTime: slurmTime.optional(),
  maxGpusPerJob: count.optional(),
  maxGpusPerUser: count.optional(),
  maxGpus: count.optional().describe('GPUs of all its jobs together'),
  maxJobsPerUser: count.optional(),
  preemptible: z.boolean().default(false).describe('its jobs may be stopped for those of another QOS'),
});

export const Runtime = z.strictObject({
  kind: z.enum(['apptainer', 'singularity', 'pyxis', 'none']),
  version: z.string().optional(),
  path: absolutePath.optional(),
  module: z.string().optional().describe('environment module that provides it'),
});

export const FileSystem = z.strictObject({
  path: absolutePath,
  type: z.string().describe('nfs4, lustre, gpfs, …'),
  shared: z.boolean(),
  writable: z.boolean(),
  freeGiB: z.number().min(0).optional(),
  quotaGiB: z.number().min(0).optional().describe('what the user may use here'),
  usedGiB: z.number().min(0).optional(),
});

export const Interface = z.strictObject({
  name: z.string(),
  kind: z.enum(['ethernet', 'infiniband', 'other']),
  addresses: z.array(z.string()).default([]),
});

export const Reservation = z.strictObject({
  name: z.string(),
  start: z.string().describe('ISO 8601'),
  end: z.string().describe('ISO 8601'),
  nodes: z.string().default(''),
  flags: z.array(z.string()).default([]),
  users: z.array(z.string()).default([]),
  accounts: z.array(z.string()).default([]),
});

export const Image = z.strictObject({
  engine: z.string().describe('engine inside: llamacpp, vllm, triton, …'),
  path: absolutePath,
  version: z.string().optional(),
});

export const Weights = z.strictObject({
  model: z.string().describe('name of the catalog, or of your own choice'),
  path: absolutePath.describe('a .gguf file or a directory with config.json and safetensors'),
  format: z.enum(['gguf', 'safetensors']),
});

export const Program = z.strictObject({
  engine: z.string().describe('engine: llamacpp, vllm, triton, …'),
  path: absolutePath.describe('its server program'),
});

/** The name of a profile is also the name of its file. */
export const ProfileName = slurmName;

export const ClusterProfile = z.strictObject({
  name: ProfileName.describe("the file's name without .yaml"),
  connection: Connection,
  root: absolutePath.describe(
    'directory on the shared file system for everything hpc-serve keeps; mode 0700',
  ),
  slurm: z.strictObject({
    version: z.string().regex(/^\d+\.\d+/),
    clusterName: z.string().optional(),
    bin: absolutePath
      .optional()
      .describe("directory of Slurm's commands, where the PATH of a non-login shell lacks them"),
    accounting: z.boolean().describe('sacct answers'),
    mpi: z.array(z.string()).default([]),
    defaultMpi: z.string().optional(),
    scrontab: z.boolean().default(false),
    minJobAgeSeconds: count.optional(),
    enforcesPartitionLimits: z.boolean().optional(),
  }),
  timeZone: z.string().default('UTC').describe("IANA name of the cluster's time zone"),
  partitions: z.array(Partition).min(1),
  accounts: z.array(Account).default([]),
  qos: z.array(Qos).default([]),
  runtimes: z.array(Runtime).default([]),
  modules: z
    .array(z.string())
    .default([])
    .describe('environment modules that matter here: cuda, nccl, apptainer, …'),
  fileSystems: z.array(FileSystem).default([]),
  interfaces: z.array(Interface).default([]).describe('network interfaces of a compute node'),
  reservations: z.array(Reservation).default([]),
  images: z.array(Image).default([]),
  programs: z.array(Program).default([]).describe('engines that compute nodes have without a container'),
  models: z.array(Weights).default([]),
  defaults: z
    .strictObject({
      account: slurmName.optional(),
      partition: slurmName.optional(),
      qos: slurmName.optional(),
      engine: z.string().optional(),
      time: slurmTime.optional(),
    })
    .default({})
    .describe('what is used where the command line says nothing; kept when init runs again'),
});

export type ClusterProfile = z.output<typeof ClusterProfile>;
export type ClusterProfileInput = z.input<typeof ClusterProfile>;
export type ProfilePartition = ClusterProfile['partitions'][number];
export type ProfileNodeGroup = ProfilePartition['nodes'][number];

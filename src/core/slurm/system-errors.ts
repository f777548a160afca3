import type { ErrorText } from './request-errors.ts';

const LATER = 'Try again in some minutes.';
const NO_DATABASE = "Slurm's accounting database does not answer.";
const JOBS_GO_ON = 'Running jobs are not affected; try again later.';
const NO_ACCOUNTING = 'This cluster keeps no accounting.';
const NOTHING = 'Nothing to do: hpc-serve works without it.';
const LOOK = 'Look for the job by its name before submitting again.';
const OTHER_LOGIN = 'Try another login host, and tell the administrators.';

/** What goes wrong between the programs, the controller, the database and the nodes, by fragments of their texts. */
export const systemErrors: readonly ErrorText[] = [
  [
    'Unable to contact slurm controller',
    'wait',
    "Slurm's controller does not answer: it is down, restarting, or cut off.",
    LATER,
    'unreachable',
  ],
  [
    'Unable to contact slurm controller (receive failure)',
    'lookup',
    "Slurm's controller got the request, but its answer was lost.",
    LOOK,
    'ambiguous',
  ],
  [
    'Socket timed out on send/recv operation',
    'lookup',
    "Slurm's controller was too slow to answer; it may have done what was asked.",
    LOOK,
    'ambiguous',
  ],
  [
    'Zero Bytes were transmitted or received',
    'lookup',
    "The connection to Slurm's controller broke; it may have done what was asked.",
    LOOK,
    'ambiguous',
  ],
  [
    'Rate limit exceeded',
    'wait',
    'Too many requests to Slurm from your account.',
    'Wait a moment; ask less often.',
  ],
  [
    'Slurm backup controller in standby mode',
    'wait',
    "Slurm's controllers are changing over.",
    LATER,
    'unreachable',
  ],
  [
    'Protocol authentication error',
    'other-host',
    'This login host can not prove who you are to Slurm (munge is down, or its clock is wrong).',
    OTHER_LOGIN,
  ],
  [
    'Invalid authentication credential',
    'other-host',
    "Slurm does not accept this login host's credential (munge, or its clock).",
    OTHER_LOGIN,
  ],
  ['Authentication credential expired', 'other-host', 'The clock of this login host is wrong.', OTHER_LOGIN],
  [
    'Incompatible versions of client and server code',
    'never',
    "The Slurm commands on this host do not fit the cluster's Slurm.",
    "Put the site's own Slurm first in PATH.",
  ],
  ['Unable to connect to database', 'wait', NO_DATABASE, JOBS_GO_ON, 'unreachable'],
  ['Problem talking to the database', 'wait', NO_DATABASE, JOBS_GO_ON, 'unreachable'],
  ['Sending PersistInit msg', 'wait', NO_DATABASE, JOBS_GO_ON, 'unreachable'],
  ['Slurm accounting storage is disabled', 'never', NO_ACCOUNTING, NOTHING],
  ["Only 'accounting_storage/slurmdbd' is supported", 'never', NO_ACCOUNTING, NOTHING],
  [
    'Invalid job id specified',
    'lookup',
    'Slurm does not know the job: it ended some minutes ago, never was, or is hidden from you.',
    'The accounting (`sacct -j`) tells which.',
  ],
  [
    'Job/step already completing or completed',
    'never',
    'The job is already ending or over.',
    'Nothing to do.',
  ],
  [
    'Kill task failed',
    'other-node',
    'A process on the node could not be ended; the node is taken out of service.',
    'Submit again; tell the administrators.',
  ],
  [
    'Job prolog failed',
    'other-node',
    'A health check of the node failed before the job.',
    'Submit again without that node.',
  ],
  [
    'Slurmd could not create a batch directory or file',
    'other-node',
    "The node's own disk is full or broken.",
    'Submit again without that node, and tell the administrators.',
  ],
  [
    'Slurmd could not execve job',
    'never',
    'The node can not execute the job script.',
    'Check that the interpreter exists on the node and that its file system allows execution.',
  ],
  [
    'Job credential expired',
    'other-node',
    'The clock of a node is wrong.',
    'Submit again without that node, and tell the administrators.',
  ],
  [
    'Invalid MPI plugin name',
    'never',
    'This Slurm has no such MPI plugin.',
    '`srun --mpi=list` shows those it has.',
  ],
  ['X11 forwarding not available', 'never', 'This Slurm does not forward X11.', 'Do not ask for it.'],
];

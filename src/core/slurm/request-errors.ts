/** Whether asking again can help: never (change the request by hand), change (other nodes or partition), wait, lookup (it may have been done: look first), other-host (another login host), other-node. */
export type Retry = 'never' | 'change' | 'wait' | 'lookup' | 'other-host' | 'other-node';

/**
 * Whether the controller (or the database) has answered. given: it has, and said no. unreachable: it was not asked.
 * ambiguous: it was asked, and the answer is lost, so what was asked may have been done.
 */
export type Answer = 'given' | 'unreachable' | 'ambiguous';

/** A piece of an error's text, when to retry, what it means, what to do, and the answer where it is not `given`. */
export type ErrorText = readonly [
  fragment: string,
  retry: Retry,
  meaning: string,
  cure: string,
  answer?: Answer,
];

const YOURS = '`sacctmgr show assoc user=$USER format=account,partition,qos` lists what you may use';
const LATER = 'Try again in some minutes.';
const OURS = 'This is a fault of hpc-serve: please report it.';

/** What Slurm refuses in a request, by fragments of its texts (src/common/slurm_errno.c, src/sbatch). */
export const requestErrors: readonly ErrorText[] = [
  [
    'Invalid account or account/partition combination',
    'never',
    'The account is unknown, not yours, or not allowed in this partition; or you have no default account.',
    `Choose another --account: ${YOURS}.`,
  ],
  [
    'Invalid qos specification',
    'never',
    'The QOS is unknown, or not allowed for this account or partition.',
    `Choose another --qos, or leave it out: ${YOURS}.`,
  ],
  [
    'Invalid partition name specified',
    'never',
    'There is no such partition, or it is hidden from you.',
    '`sinfo` lists the partitions; write the right one into the cluster profile.',
  ],
  [
    "User's group not permitted to use this partition",
    'never',
    'The partition is reserved for other groups.',
    'Choose another --partition, or ask the administrators for access.',
  ],
  [
    'No partition specified or system default partition',
    'never',
    'The cluster has no default partition.',
    'Set a default partition in the cluster profile.',
  ],
  [
    'Requested node configuration is not available',
    'never',
    'No node has this combination of GPUs, CPUs, memory and features.',
    'Compare GPU type, GPUs per node and memory with `sinfo -o "%P %G %c %m %f %D"`; run init again if the cluster has changed.',
  ],
  [
    'Requested partition configuration not available now',
    'change',
    'The partition does not allow this many nodes or this time, or its nodes are down.',
    'Compare with `scontrol show partition`, or use another partition.',
  ],
  [
    'Node count specification invalid',
    'never',
    'The number of nodes is not one that the partition allows.',
    'Choose a number between MinNodes and MaxNodes of the partition.',
  ],
  [
    'More processors requested than permitted',
    'never',
    'Tasks × CPUs is more than the job or the limits allow.',
    'Ask for fewer CPUs.',
  ],
  [
    'CPU count specification invalid',
    'never',
    'The number of CPUs does not fit the nodes.',
    'Ask for fewer CPUs per node.',
  ],
  [
    'Memory required by task is not available',
    'never',
    'More memory is asked for than the job or the node has.',
    'Ask for less memory.',
  ],
  [
    'Memory specification can not be satisfied',
    'never',
    'No node has that much memory for jobs.',
    'Ask for less memory; `sinfo -o "%P %m"` shows what nodes have.',
  ],
  [
    'Invalid generic resource (gres) specification',
    'never',
    'The GPU type is not written as this cluster names it.',
    'Read the names from `sinfo -o %G`; run init again.',
  ],
  [
    'Invalid GRES specification (with and without type',
    'never',
    'GPUs are asked for with and without a type at once.',
    'Give the type everywhere or nowhere.',
  ],
  [
    'Insufficient GRES available in allocation',
    'never',
    'The step asks for more GPUs than the job has left.',
    'Another step holds them: use --overlap, or ask for fewer.',
  ],
  [
    'Invalid feature specification',
    'never',
    'A constraint names a feature that no node has.',
    '`sinfo -o %f` lists the features.',
  ],
  [
    'Requested time limit is invalid',
    'never',
    'The time limit is longer than allowed, or this cluster demands one.',
    "Choose a --time within the partition's MaxTime.",
  ],
  [
    'Job violates accounting/QOS policy',
    'wait',
    'It exceeds what your account or QOS may queue or ask for.',
    'Stop or wait for other jobs of yours, or ask for less.',
  ],
  [
    'Job dependency problem',
    'never',
    'The job that it depends on is unknown or over.',
    'Submit again without the dependency.',
  ],
  [
    'Access denied to requested reservation',
    'never',
    'The reservation is for other users or accounts.',
    'Choose another reservation or account.',
  ],
  [
    'Requested reservation is invalid',
    'never',
    'There is no such reservation, or it is over.',
    '`scontrol show reservation` lists them.',
  ],
  [
    'Requested reservation not usable now',
    'wait',
    'The reservation has not begun.',
    'Wait until it begins, or submit without it.',
  ],
  [
    'Job can not start due to maintenance reservation',
    'wait',
    'The job would run into a maintenance window.',
    'Choose a --time that ends before the window, or wait until it is over.',
  ],
  [
    'Required node not available',
    'change',
    'A node that was asked for by name is down, drained or reserved.',
    'Do not ask for nodes by name.',
  ],
  [
    'Required partition not available',
    'wait',
    'The partition is inactive or being drained.',
    'Use another partition, or wait.',
  ],
  ['Partition in DOWN state', 'wait', 'The partition is down.', 'Use another partition, or wait.'],
  ['System submissions disabled', 'wait', 'The administrators have closed the queue for a while.', LATER],
  [
    'Access/permission denied',
    'never',
    'A policy of the site does not allow it.',
    "Read the site's own message in the output, or ask the administrators.",
  ],
  [
    'Unspecified error',
    'never',
    "Mostly a rule of the site's own refused it.",
    "Read the site's own message in the output, or ask the administrators.",
  ],
  ['Batch script is empty', 'never', 'The job script is empty.', OURS],
  ['Batch script contains DOS line breaks', 'never', 'The job script has Windows line ends.', OURS],
  ['This does not look like a batch script', 'never', 'The job script does not begin with #!.', OURS],
  ['Job script not specified', 'never', 'No job script was given.', OURS],
  [
    'I/O error writing script/environment to file',
    'wait',
    "The controller can't store the job; its disk may be full.",
    'Tell the administrators; try again later.',
  ],
  [
    'Pathname of a file, directory or other parameter too long',
    'never',
    'A path or value is longer than Slurm accepts.',
    'Use a shorter path for the root directory.',
  ],
  [
    'cannot be submitted without the current working directory',
    'never',
    'The working directory does not exist.',
    'Check that the root directory of the profile exists.',
  ],
  ['MaxJobCount limit reached', 'wait', 'The controller has as many jobs as it can hold.', LATER],
];

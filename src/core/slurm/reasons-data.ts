/**
 * What kind of wait a reason is. transient: it starts by itself. blocked: it waits for other jobs, other people or a
 * budget. never: it will not start as it is. action: somebody has to do something. after-run: why it ended.
 */
export type ReasonClass = 'transient' | 'blocked' | 'never' | 'action' | 'after-run';

/** Class, what the matter is, what to do. */
export type ReasonText = readonly [ReasonClass, string, string];

const WAIT = 'Nothing to do: it starts by itself.';
const ASK_ADMINS = 'Ask the administrators of the cluster, or use another partition.';
const CHOOSE_ALLOWED = 'Submit again with one that you may use: `sacctmgr show assoc user=$USER` lists them.';

/** Slurm's reasons that are not limits of an account or a QOS, from src/common/job_state_reason.c; for those see `explainLimit`. */
export const reasons: Readonly<Record<string, ReasonText>> = {
  None: ['transient', 'Slurm has not considered the job yet.', WAIT],
  Prolog: [
    'transient',
    'The node is being prepared for the job.',
    'Wait; when it takes minutes, the node has trouble.',
  ],
  Priority: [
    'transient',
    'Jobs of higher priority come first.',
    'Wait; a shorter --time or fewer GPUs may fit into a gap earlier.',
  ],
  Resources: [
    'transient',
    'It is next, and waits for nodes or GPUs to become free.',
    'Wait; fewer GPUs, or another partition with free nodes, would start sooner.',
  ],
  Dependency: ['transient', 'It waits for another job.', 'Nothing to do while that job is well.'],
  BeginTime: [
    'transient',
    'Its earliest start time has not come yet; after a requeue this is a pause of minutes.',
    WAIT,
  ],
  Licenses: ['transient', 'It waits for a licence.', 'Wait; `scontrol show licenses` shows who holds them.'],
  Reservation: [
    'transient',
    'Its reservation has not begun.',
    'Wait; its --time has to fit into the reservation.',
  ],
  NvidiaImexChannels: ['transient', 'All channels for NVLink between nodes are in use.', WAIT],
  Cleaning: ['transient', 'It was requeued, and its former run is still being cleaned up.', WAIT],
  JobArrayTaskLimit: ['transient', 'As many tasks of the job array run as it allows at once.', WAIT],
  BurstBufferResources: ['transient', 'It waits for burst buffer space.', WAIT],
  BurstBufferStageIn: ['transient', 'Its data is being copied in.', WAIT],
  FedJobLock: ['transient', 'The clusters of the federation are agreeing on who runs it.', WAIT],
  MaxPoweredUpNodes: ['transient', 'As many nodes are powered up as the cluster allows.', WAIT],
  MpiPortsBusy: ['transient', 'The ports reserved for MPI are all in use.', WAIT],

  ReqNodeNotAvail: [
    'blocked',
    'A node that it needs is down, drained or reserved.',
    'Wait, or ask for other nodes; `sinfo -R` shows why nodes are down.',
  ],
  NodeDown: ['blocked', 'A node that it needs is down.', 'Wait for the node, or do not ask for it by name.'],
  Constraints: [
    'blocked',
    'No node that is up now satisfies its constraints.',
    'It may clear when nodes return; else ask for other features, GPUs or memory.',
  ],
  AssociationJobLimit: [
    'blocked',
    'Your account has as many jobs as it may have.',
    'It starts when one of them ends.',
  ],
  AssociationResourceLimit: [
    'blocked',
    'Your account holds as much as it may hold at once.',
    'It starts when jobs of the account end; fewer GPUs may fit now.',
  ],
  AssociationTimeLimit: [
    'blocked',
    'Your account has used up its time.',
    'Use another account, or ask for more time: waiting does not help.',
  ],
  QOSUsageThreshold: [
    'blocked',
    'Your recent use is above what this QOS accepts.',
    'Use another QOS, or wait until the usage has decayed.',
  ],
  QOSJobLimit: [
    'blocked',
    'The QOS has as many jobs as it may have.',
    'It starts when one of them ends; or use another QOS.',
  ],
  QOSResourceLimit: [
    'blocked',
    'Jobs of the QOS hold as much as they may hold at once.',
    'It starts when some of them end; or use another QOS.',
  ],

  PartitionNodeLimit: [
    'never',
    'It asks for more or fewer nodes than the partition allows, or the nodes it needs are down.',
    'Compare --nodes with MinNodes and MaxNodes of `scontrol show partition`.',
  ],
  PartitionTimeLimit: [
    'never',
    'Its time limit is longer than the partition allows.',
    "Submit again with a --time within the partition's MaxTime, or use another partition.",
  ],
  PartitionConfig: [
    'never',
    'It breaks a limit of the partition.',
    'Compare what it asks for with `scontrol show partition`, and submit again.',
  ],
  AccountingPolicy: [
    'never',
    'It breaks a limit of your account or QOS.',
    'Compare what it asks for with `sacctmgr show assoc` and `sacctmgr show qos`, and submit again.',
  ],
  BadConstraints: [
    'never',
    'No node of the cluster can ever satisfy what it asks for.',
    'Compare GPU type and count, CPUs, memory and features with `sinfo -o "%P %G %c %m %f"`, and submit again.',
  ],
  SchedDefer: [
    'never',
    'It was to start at once, and this cluster does not do that.',
    'Submit again without --immediate.',
  ],
  InvalidAccount: ['never', 'Its account does not exist or is not yours.', CHOOSE_ALLOWED],
  InvalidQOS: ['never', 'Its QOS does not exist or is not yours.', CHOOSE_ALLOWED],
  QOSNotAllowed: ['never', 'Its QOS may not be used with this account or partition.', CHOOSE_ALLOWED],
  AccountNotAllowed: ['never', 'Its account may not use this partition.', CHOOSE_ALLOWED],
  QOSTimeLimit: [
    'never',
    'Its time limit is longer than the QOS allows.',
    'Submit again with a shorter --time or another QOS.',
  ],
  MaxMemPerLimit: [
    'never',
    'It asks for more memory per node or per CPU than is allowed.',
    'Submit again with less memory, or with more CPUs.',
  ],
  DependencyNeverSatisfied: [
    'never',
    'The job that it waits for has failed or is gone.',
    'Cancel it, and submit again without the dependency.',
  ],
  DeadLine: ['never', 'It can no longer finish before its deadline.', 'Submit again with a later deadline.'],
  ReservationDeleted: [
    'never',
    'Its reservation was deleted.',
    'Submit again without the reservation, or with another.',
  ],
  ReservationInvalid: [
    'never',
    'Its reservation is not valid any more.',
    'Submit again without the reservation, or with another.',
  ],
  BurstBufferOperation: [
    'never',
    'A burst buffer operation failed.',
    'Read the message of `scontrol show job`, and submit again.',
  ],

  PartitionDown: ['action', 'The partition is down.', ASK_ADMINS],
  PartitionInactive: ['action', 'The partition is inactive.', ASK_ADMINS],
  JobHeldAdmin: [
    'action',
    'An administrator holds it.',
    'Ask the administrators why; do not submit it again.',
  ],
  JobHeldUser: ['action', 'It is held by its owner.', 'Release it: `scontrol release <job>`.'],
  JobHoldMaxRequeue: [
    'action',
    'Slurm has started it again too often, and holds it now.',
    'It fails at every start: read its log, cure the cause, then submit again.',
  ],

  SystemFailure: [
    'after-run',
    'Slurm, a file system or the network failed.',
    'Submit again; tell the administrators when it repeats.',
  ],
  JobLaunchFailure: [
    'after-run',
    'It could not be launched on its node; older releases say the same of a job that a signal ended.',
    'Check that its directory and log path exist on the compute node; else exclude the node.',
  ],
  NonZeroExitCode: ['after-run', 'Its script ended with an error.', 'Read the log.'],
  RaisedSignal: [
    'after-run',
    'A signal ended it.',
    'Signal 9 is mostly memory or an administrator; read the end of the log.',
  ],
  TimeLimit: ['after-run', 'Its time limit was reached.', 'Ask for a longer --time.'],
  InactiveLimit: [
    'after-run',
    'The cluster ended it because it was idle.',
    'Ask the administrators about InactiveLimit.',
  ],
  OutOfMemory: [
    'after-run',
    "It used more of the node's memory than it had asked for.",
    'Submit again with more memory.',
  ],
};

#!/bin/bash
# The batch script: starts node.sh on every node of the job, beats a heartbeat, passes signals on, and records how it
# ended. All values stand in settings.sh.
set -u
umask 077
export LC_ALL=C

job_directory=/scratch/alice/hpc-serve/deployments/llama3-8b/jobs/abcdefghij
# shellcheck source=settings.sh
. "$job_directory/settings.sh"
# shellcheck source=records.sh
. "$job_directory/records.sh"

# Slurm hands over no environment.
: "${HOME:=$(cd ~ && pwd)}"
PATH=${slurm_directory:+$slurm_directory:}$PATH
export HOME PATH

seconds_now
export HS_STARTED=$REPLY
expected_end=0
if ((time_limit_minutes > 0)); then
  expected_end=${SLURM_JOB_END_TIME:-$((${HS_STARTED%%.*} + time_limit_minutes * 60))}
fi
export HS_EXPECTED_END=$expected_end
# A requeued job finds the records of its last run, which are about a node that it has left.
rm -f -- "$job_directory"/endpoints/*.json
write_event started

end_text=''
# shellcheck disable=SC2317 # called by the traps
on_drain() { write_event draining '' '' 'The time limit is near.'; }
# shellcheck disable=SC2317
on_stop() {
  end_text='Slurm asked the job to stop.'
  [[ -n ${step:-} ]] && kill -TERM "$step" 2>/dev/null
}
trap on_drain USR1
trap on_stop TERM INT

# A lost node or a failed start ends the whole step only where a replica spans nodes; otherwise the others go on serving.
srun --nodes="$nodes" --ntasks="$nodes" --ntasks-per-node=1 --cpus-per-task="$cpus_per_node" --mpi=none --wait=0 \
  --kill-on-bad-exit="$replicas_span_nodes" --export=ALL --input=none \
  bash "$job_directory/node.sh" &
step=$!

while kill -0 "$step" 2>/dev/null; do
  seconds_now
  replace_file "$job_directory/heartbeat" "$REPLY"
  sleep 15 &
  pause=$!
  # Returns when the step ends, when it is time for the next beat, or when a signal has come.
  wait -n "$step" "$pause" 2>/dev/null
  kill "$pause" 2>/dev/null
done
wait "$step"
code=$?

rm -f -- "$job_directory"/endpoints/*.json
if [[ -z $end_text ]]; then
  if ((code == 0)); then end_text='All replicas ended.'; else end_text='No replica is left, or the step failed.'; fi
fi
write_event ended '' "$code" "$end_text"
exit "$code"

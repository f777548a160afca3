#!/bin/bash
# Stands in for srun: runs the command once a "node" on this machine, passes TERM on, ends with the worst exit status.
nodes=1
while [[ $1 == --* ]]; do
  [[ $1 == --nodes=* ]] && nodes=${1#*=}
  shift
done
tasks=()
for ((node = 0; node < nodes; node++)); do
  SLURM_NODEID=$node SLURMD_NODENAME=toy$node CUDA_VISIBLE_DEVICES=${TOY_GPUS-10,11,12,13,14,15,16,17} "$@" &
  tasks+=($!)
done
trap 'kill -TERM "${tasks[@]}"' TERM
worst=0
for task in "${tasks[@]}"; do
  while kill -0 "$task" 2>/dev/null; do wait "$task"; done
  wait "$task"
  code=$?
  ((code <= worst)) || worst=$code
done
exit "$worst"

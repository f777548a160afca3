# shellcheck shell=bash
# What does this cluster look like? The standard one: typed GPUs, accounting, /home, /opt, /scratch.

VARIANT_HOME=/home
VARIANT_SCRATCH=/scratch
VARIANT_IMAGES=/opt/images
VARIANT_MODELS=/opt/models
VARIANT_TIME_ZONE=Etc/UTC
VARIANT_ACCOUNTING=yes
# directory of the sandbox's shared file system : where every host sees it
VARIANT_SHARES=(home:/home opt:/opt scratch:/scratch)

# The 1st, 5th, … node has H100s, the 2nd and 3rd A100s, the 4th L40S.
node_kind() { # index
  case $((($1 - 1) % 4)) in
    0) echo h100 ;;
    1 | 2) echo a100 ;;
    3) echo l40s ;;
  esac
}

kind_gpus() { # kind
  case $1 in h100) echo 8 ;; a100) echo 4 ;; l40s) echo 2 ;; esac
}

node_gpu_count() { kind_gpus "$(node_kind "$1")"; } # index

nodes_of_kind() { # kind: a comma-separated list, empty when there is none
  local index list=()
  for ((index = 1; index <= NODES; index++)); do
    [ "$(node_kind "$index")" != "$1" ] || list+=("node$index")
  done
  (IFS=, && echo "${list[*]}")
}

node_lines() {
  local nodes
  nodes=$(nodes_of_kind h100)
  [ -z "$nodes" ] || echo "NodeName=$nodes CPUs=96 Boards=1 SocketsPerBoard=2 CoresPerSocket=48 ThreadsPerCore=1 RealMemory=1000000 Gres=gpu:h100:8 Feature=h100,nvlink Weight=30"
  nodes=$(nodes_of_kind a100)
  [ -z "$nodes" ] || echo "NodeName=$nodes CPUs=64 Boards=1 SocketsPerBoard=2 CoresPerSocket=32 ThreadsPerCore=1 RealMemory=512000 Gres=gpu:a100:4 Feature=a100,80g Weight=20"
  nodes=$(nodes_of_kind l40s)
  [ -z "$nodes" ] || echo "NodeName=$nodes CPUs=32 Boards=1 SocketsPerBoard=2 CoresPerSocket=16 ThreadsPerCore=1 RealMemory=256000 Gres=gpu:l40s:2 Feature=l40s Weight=10"
}

partition_lines() {
  local nodes
  nodes=$(nodes_of_kind h100)
  [ -z "$nodes" ] || echo "PartitionName=h100 Nodes=$nodes MaxTime=2-00:00:00 DefaultTime=01:00:00 PriorityTier=10 PreemptMode=OFF"
  nodes=$(nodes_of_kind a100)
  [ -z "$nodes" ] || echo "PartitionName=a100 Nodes=$nodes MaxTime=1-00:00:00 DefaultTime=01:00:00 PriorityTier=10 PreemptMode=OFF"
  nodes=$(nodes_of_kind l40s)
  [ -z "$nodes" ] || echo "PartitionName=l40s Nodes=$nodes MaxTime=12:00:00 DefaultTime=01:00:00 PriorityTier=10 PreemptMode=OFF"
  echo "PartitionName=debug Nodes=ALL Default=YES MaxTime=00:30:00 DefaultTime=00:10:00 MaxNodes=1 PriorityTier=20 PreemptMode=OFF"
  echo "PartitionName=preempt Nodes=ALL MaxTime=7-00:00:00 DefaultTime=01:00:00 PriorityTier=1 PreemptMode=REQUEUE GraceTime=10"
}

gres_lines() {
  local kind nodes
  for kind in h100 a100 l40s; do
    nodes=$(nodes_of_kind "$kind")
    [ -z "$nodes" ] || echo "NodeName=$nodes Name=gpu Type=$kind File=/dev/nvidia[0-$(($(kind_gpus "$kind") - 1))]"
  done
}

tres_list() {
  local kind tres=gres/gpu
  for kind in h100 a100 l40s; do
    [ -z "$(nodes_of_kind "$kind")" ] || tres+=",gres/gpu:$kind"
  done
  echo "$tres"
}

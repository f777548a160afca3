# shellcheck shell=bash
# What does this cluster look like? Another one: other names, untyped and PCIe GPUs, /users and /lustre, features,
# a hidden partition, a time zone with summer time, no accounting.

VARIANT_HOME=/users
VARIANT_SCRATCH=/lustre/scratch
VARIANT_IMAGES=/lustre/images
VARIANT_MODELS=/lustre/models
VARIANT_TIME_ZONE=America/Chicago
VARIANT_ACCOUNTING=no
VARIANT_SHARES=(home:/users lustre:/lustre opt:/opt)

# Every other node has PCIe A100s with a type that names them fully; the rest have GPUs without a type.
node_kind() { # index
  if (($1 % 2 == 1)); then echo pcie; else echo plain; fi
}

node_gpu_count() { echo 4; } # index

nodes_of_kind() { # kind: a comma-separated list, empty when there is none
  local index list=()
  for ((index = 1; index <= NODES; index++)); do
    [ "$(node_kind "$index")" != "$1" ] || list+=("node$index")
  done
  (IFS=, && echo "${list[*]}")
}

node_lines() {
  local nodes
  nodes=$(nodes_of_kind pcie)
  [ -z "$nodes" ] || echo "NodeName=$nodes CPUs=128 Boards=1 SocketsPerBoard=2 CoresPerSocket=32 ThreadsPerCore=2 RealMemory=500000 Gres=gpu:nvidia_a100_80gb_pcie:4 Feature=rome,a100,ib"
  nodes=$(nodes_of_kind plain)
  [ -z "$nodes" ] || echo "NodeName=$nodes CPUs=48 Boards=1 SocketsPerBoard=2 CoresPerSocket=24 ThreadsPerCore=1 RealMemory=190000 Gres=gpu:4 Feature=cascadelake,v100,32g"
}

partition_lines() {
  local nodes
  echo "PartitionName=batch Nodes=ALL Default=YES MaxTime=UNLIMITED DefaultTime=02:00:00 OverSubscribe=NO DefMemPerCPU=3000"
  nodes=$(nodes_of_kind pcie)
  [ -z "$nodes" ] || echo "PartitionName=gpu-large Nodes=$nodes MaxTime=3-12:00:00 DefMemPerGPU=100000"
  nodes=$(nodes_of_kind plain)
  [ -z "$nodes" ] || echo "PartitionName=gpu_small Nodes=$nodes MaxTime=08:00:00 MaxNodes=2 OverSubscribe=FORCE:2"
  echo "PartitionName=internal Nodes=node1 Hidden=YES MaxTime=1:00:00"
}

gres_lines() {
  local nodes
  nodes=$(nodes_of_kind pcie)
  [ -z "$nodes" ] || echo "NodeName=$nodes Name=gpu Type=nvidia_a100_80gb_pcie File=/dev/nvidia[0-3]"
  nodes=$(nodes_of_kind plain)
  [ -z "$nodes" ] || echo "NodeName=$nodes Name=gpu File=/dev/nvidia[0-3]"
}

tres_list() { :; }

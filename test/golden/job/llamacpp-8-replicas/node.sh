#!/bin/bash
# Runs on every node of the job: starts the node's replicas side by side, registers each when it has answered a real
# request, starts it again when its engine dies, and leaves no process behind.
set -u
umask 077
export LC_ALL=C
# bash 5.2 would replace an `&` in what is put in by the matched text.
shopt -u patsub_replacement 2>/dev/null

job_directory=${BASH_SOURCE[0]%/*}
# shellcheck source=settings.sh
. "$job_directory/settings.sh"
# shellcheck source=records.sh
. "$job_directory/records.sh"

readonly most_restarts=3 most_port_changes=5 kill_after_seconds=10 settled_seconds=600
readonly first_port=20000 port_count=12000
node=${SLURMD_NODENAME:-$HOSTNAME}
node_index=${SLURM_NODEID:-0}

# --- the network ---

# A kernel table can be long, and reading one line at a time makes the kernel begin anew for each: one read must do. What
# is looked for stands at the beginning.
read_table() {
  read -rN 65536 REPLY <"$1"
}

# The node's own address as the cluster resolves its name; every address where that is none of this machine's.
choose_address() {
  local address='' local_entry
  if command -v getent >/dev/null; then
    read -r address _ < <(getent ahostsv4 "$node")
  fi
  local_entry="-- ${address//./\\.}"$'\n'' +/32 host LOCAL'
  read_table /proc/net/fib_trie
  if [[ -n $address && $address != 127.* && $REPLY =~ $local_entry ]]; then REPLY=$address; else REPLY=0.0.0.0; fi
}

# listener_of PORT: the user id of who listens there on this machine, empty where nobody does.
listener_of() {
  local table listening
  printf -v listening ':%04X [0-9A-F]+:0000 0A [^ ]+ [^ ]+ [^ ]+ +([0-9]+) ' "$1"
  for table in /proc/net/tcp /proc/net/tcp6; do
    [[ -r $table ]] || continue
    read_table "$table"
    [[ $REPLY =~ $listening ]] && REPLY=${BASH_REMATCH[1]} && return
  done
  REPLY=''
}

# A port that nobody listens on, below the range that the kernel gives to outgoing connections. Replicas of one node draw
# from different residues, so that two of them never race for one port.
choose_port() {
  local port draw
  while :; do
    draw=$((RANDOM * 32768 + RANDOM))
    port=$((first_port + draw % (port_count / ${#local_replicas[@]}) * ${#local_replicas[@]} + slot))
    listener_of "$port"
    [[ -z $REPLY ]] && break
  done
  REPLY=$port
}

# --- one replica ---

# The replica's GPUs as CUDA names them: numbers or UUIDs out of what Slurm gave the job on this node.
choose_gpus() {
  local given indices index chosen=''
  IFS=, read -ra given <<<"${CUDA_VISIBLE_DEVICES:-${SLURM_STEP_GPUS:-${SLURM_JOB_GPUS:-}}}"
  IFS=, read -ra indices <<<"$1"
  for index in "${indices[@]}"; do
    if ((${#given[@]} == 0)); then
      chosen+=",$index"
    elif ((index < ${#given[@]})); then
      chosen+=",${given[index]}"
    else
      return 1
    fi
  done
  REPLY=${chosen#,}
}

# Becomes the engine: the environment that it sees, the container around it, its arguments.
become_engine() {
  local setting name value prefix='' argument command=()
  case $runtime in
    apptainer) prefix=APPTAINERENV_ ;;
    singularity) prefix=SINGULARITYENV_ ;;
  esac
  for setting in "CUDA_VISIBLE_DEVICES=$gpus" "TMPDIR=$scratch" "${engine_environment[@]}"; do
    name=${setting%%=*} value=${setting#*=}
    [[ $value == '{key}' ]] && value=$(<"$key_file")
    [[ $value == '{scratch}'* ]] && value=$scratch${value#'{scratch}'}
    export "$prefix$name=$value"
  done
  if [[ $runtime != none ]]; then
    command=("$runtime_path" exec --nv --cleanenv --no-home --pwd / --bind "$weights_directory:$weights_directory:ro"
      --bind "$key_file:$key_file:ro" --bind "$scratch:$scratch" --bind "$scratch:/tmp" "$image")
  fi
  for argument in "${engine_arguments[@]}"; do
    case $argument in
      '{model}') argument=$weights ;;
      '{host}') argument=$address ;;
      '{port}') argument=$port ;;
      '{keyFile}') argument=$key_file ;;
    esac
    command+=("$argument")
  done
  # A container runtime would mount the current directory.
  cd /
  exec "${command[@]}"
}

# ask PATH SECONDS [BODY]: the HTTP status of a request to the replica. The key goes through a pipe, never into an argument.
ask() {
  local host=$address
  [[ $host == 0.0.0.0 ]] && host=127.0.0.1
  local options=(-q --silent --noproxy '*' --max-time "$2" --output /dev/null --write-out '%{http_code}')
  [[ -z ${3:-} ]] || options+=(--header 'Content-Type: application/json' --data-binary "$3")
  REPLY=$(printf 'header = "Authorization: Bearer %s"\n' "$(<"$key_file")" |
    curl "${options[@]}" --config - "http://$host:$port$1" 2>/dev/null)
}

# Waits until the engine has answered a real request; fails when it ends, or when the port belongs to somebody else.
wait_until_ready() {
  local seen='' complained='' pause
  while [[ -z $stopping ]] && kill -0 "$engine" 2>/dev/null; do
    pause=0.2
    listener_of "$port"
    # Another user's server must not be sent the key.
    [[ -z $REPLY || $REPLY == "$UID" ]] || return 1
    if [[ -n $REPLY ]]; then
      ask "$health_path" 2
      if [[ $REPLY == 200 ]]; then
        ask "$probe_path" 120 "$probe_body"
        [[ $REPLY != 200 ]] || return 0
        [[ -n $complained ]] || write_event loading "$replica" '' "Health is good, but a real request gets HTTP $REPLY."
        complained=1 pause=2
      fi
    fi
    [[ -n $seen ]] || write_event loading "$replica"
    seen=1
    sleep "$pause"
  done
  return 1
}

register() {
  local ready record identity
  seconds_now
  ready=$REPLY
  read -r identity </proc/sys/kernel/random/uuid
  record="{\"deployment\":\"$deployment\",\"job\":\"$SLURM_JOB_ID\",\"restart\":${SLURM_RESTART_COUNT:-0}"
  json_string "$node"
  record+=",\"replica\":$replica,\"node\":$REPLY,\"host\":$REPLY,\"port\":$port,\"protocols\":[\"openai\"]"
  json_string "$model_name"
  record+=",\"model\":$REPLY,\"identity\":\"${identity//-/}\""
  json_string "$key_file"
  record+=",\"keyFile\":$REPLY,\"started\":$started,\"ready\":$ready,\"expectedEnd\":${HS_EXPECTED_END:-0}}"
  replace_file "$endpoint" "$record"
  write_event ready "$replica"
}

# Ends the engine's process group: first politely, then not.
end_engine() {
  local waited=0
  [[ -n ${engine:-} ]] || return
  kill -TERM -- "-$engine" 2>/dev/null
  while kill -0 -- "-$engine" 2>/dev/null && ((waited < kill_after_seconds * 10)); do
    sleep 0.1
    waited=$((waited + 1))
  done
  kill -KILL -- "-$engine" 2>/dev/null
}

# One life of the engine, until it ends; its exit status is in `code`.
run_once() {
  local scratch started
  scratch=$(mktemp -d "${TMPDIR:-/tmp}/hs.$SLURM_JOB_ID.XXXXXXXX") || return 1
  seconds_now
  started=$REPLY
  write_event launching "$replica"
  # Job control gives the engine a process group of its own, which can be ended as a whole.
  set -m
  become_engine >>"$job_directory/logs/replica-$replica.log" 2>&1 </dev/null &
  engine=$!
  set +m
  if wait_until_ready; then register; else end_engine; fi
  # A trapped signal interrupts `wait`; the loop goes on until the engine itself has ended.
  while kill -0 "$engine" 2>/dev/null; do wait "$engine"; done 2>/dev/null
  wait "$engine" 2>/dev/null
  code=$?
  rm -f -- "$endpoint"
  end_engine
  rm -rf -- "$scratch"
}

# What a start can't do without, in words when it is not there: such a start would fail again and again.
missing_part() {
  local program=${engine_arguments[0]}
  REPLY=''
  if [[ ! -r $weights ]]; then
    REPLY="There are no weights $weights on $node, or they can't be read."
  elif [[ $runtime == none ]]; then
    command -v -- "$program" >/dev/null || REPLY="There is no program $program on $node."
  elif [[ $image == /* && ! -r $image ]]; then
    REPLY="There is no image $image on $node, or it can't be read."
  fi
  [[ -n $REPLY ]]
}

# give_up TEXT: a replica that can't be started, in its events and in its log.
give_up() {
  write_event failed "$replica" 1 "$1"
  printf 'hpc-serve: %s\n' "$1" >>"$job_directory/logs/replica-$replica.log"
}

# serve REPLICA SLOT: keeps a replica, the SLOTth of this node, until it is stopped or given up.
serve() {
  local replica=$1 slot=$2 endpoint="$job_directory/endpoints/$1.json" restarts=0 port_changes=0
  local gpus port born engine='' code=1 stopping=''
  trap 'stopping=1; rm -f -- "$endpoint"; end_engine' TERM
  if ! choose_gpus "${replica_gpus[replica]}"; then
    give_up "Slurm gave fewer GPUs on $node than GPU ${replica_gpus[replica]} of the plan."
    return 1
  fi
  gpus=$REPLY
  if missing_part; then
    give_up "$REPLY"
    return 1
  fi
  while :; do
    choose_port
    port=$REPLY
    born=$SECONDS
    run_once
    [[ -z $stopping ]] || return 0
    listener_of "$port"
    if [[ -n $REPLY ]] && ((port_changes < most_port_changes)); then
      port_changes=$((port_changes + 1))
      write_event retry "$replica" "$code" "Port $port was taken by another program; trying the next one."
      continue
    fi
    write_event failed "$replica" "$code" "The engine ended; its last words are in logs/replica-$replica.log."
    # An engine that served for a while has earned new chances.
    ((SECONDS - born < settled_seconds)) || restarts=0 port_changes=0
    ((restarts < most_restarts)) || return 1
    restarts=$((restarts + 1))
    sleep $((1 << restarts >> 1))
    [[ -z $stopping ]] || return 0
    write_event retry "$replica" "$code" "Restart $restarts of $most_restarts."
  done
}

# --- the node ---

choose_address
address=$REPLY
local_replicas=()
for index in "${!replica_node[@]}"; do
  ((replica_node[index] == node_index)) && local_replicas+=("$index")
done
servers=()
for slot in "${!local_replicas[@]}"; do
  serve "${local_replicas[slot]}" "$slot" &
  servers+=($!)
done

trap 'kill -TERM "${servers[@]}" 2>/dev/null' TERM INT
failed=0
for server in "${servers[@]}"; do
  while kill -0 "$server" 2>/dev/null; do wait "$server"; done
  wait "$server" || failed=$((failed + 1))
done
# The allocation is worth keeping while one replica serves; this line is reached when none does.
((failed == 0))

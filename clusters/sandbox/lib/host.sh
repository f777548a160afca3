# shellcheck shell=bash
# What is a host, how does one start, and which ones live?
# A host is the processes below one first process, in mount, pid, network, uts and ipc namespaces of its own. It is
# recognised by that process's environment, never by a number that was written down.

declare -A HOST_PID=() HOST_STARTER=()
RESTARTED_NODES=()

# Every process that carries this sandbox's mark.
marked_processes() {
  grep -lzsFx "HPC_SERVE_SANDBOX=$STATE" /proc/[0-9]*/environ | cut -d/ -f3 || true
}

# Fills HOST_PID: host -> its first process, as this machine numbers it.
find_hosts() {
  local pid host depth
  HOST_PID=()
  depth=$(awk '/^NSpid:/ { print NF }' /proc/self/status)
  for pid in $(marked_processes); do
    host=$(host_of_first_process "$pid" "$depth") || continue
    [ -z "$host" ] || HOST_PID[$host]=$pid
  done
}

host_of_first_process() { # pid depth: the host's name if this is its first process
  awk -v depth="$2" '/^State:/ && $2 == "Z" { exit 1 } /^NSpid:/ { exit !(NF == depth + 1 && $NF == 1) }' "/proc/$1/status" 2>/dev/null || return 1
  { tr '\0' '\n' <"/proc/$1/environ"; } 2>/dev/null | sed -n 's/^HPC_SERVE_SANDBOX_HOST=//p'
}

start_missing_hosts() {
  local host hosts=()
  find_hosts
  mapfile -t hosts < <(echo switch && host_names)
  for host in "${hosts[@]}"; do
    [ -z "${HOST_PID[$host]:-}" ] || continue
    start_host "$host"
    [[ $host != node* ]] || RESTARTED_NODES+=("$host")
  done
  await_hosts "${hosts[@]}"
}

marked() { # host command...: runs it with the mark, detached from this terminal and from the locks
  local host=$1
  shift
  env -i PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin LANG=C.UTF-8 HPC_SERVE_SANDBOX="$STATE" \
    HPC_SERVE_SANDBOX_HOST="$host" HPC_SERVE_SANDBOX_SUBNET="$SUBNET" \
    setsid "$@" </dev/null >>"$LOGS/$host.log" 2>&1 7>&- 8>&- 9>&- &
  HOST_STARTER[$host]=$!
}

start_host() { # host
  if [ "$1" = switch ]; then
    marked switch unshare --net --pid --fork --kill-child=KILL -- sleep infinity
    return
  fi
  local gpus=0 share shares=()
  [[ $1 != node* ]] || gpus=$(node_gpu_count "${1#node}")
  for share in "${VARIANT_SHARES[@]}"; do
    shares+=("$STATE/shared/$share")
  done
  shares+=("$STATE/etc/slurm:/etc/slurm" "$ENGINE:/opt/llama.cpp-root:ro")
  marked "$1" unshare --mount --uts --ipc --net --pid --fork --kill-child=KILL -- \
    bash "$SANDBOX_SOURCE/host-init" "$ROOT" "$gpus" "${shares[@]}"
}

await_hosts() { # host...
  local host deadline=$((SECONDS + 30))
  for host in "$@"; do
    until host_is_ready "$host"; do
      { ((SECONDS < deadline)) && kill -0 "${HOST_STARTER[$host]:-$$}" 2>/dev/null; } || { show_log "$LOGS/$host.log" && fail "host $host did not start"; }
      sleep 0.05
      find_hosts
    done
    # for the listener only, which checks the process's mark before it trusts the number
    printf '%s\n' "${HOST_PID[$host]}" >"$STATE/hosts/$host.pid.new"
    mv "$STATE/hosts/$host.pid.new" "$STATE/hosts/$host.pid"
  done
}

host_is_ready() { # host
  local pid=${HOST_PID[$1]:-}
  [ -n "$pid" ] || return 1
  [ "$1" = switch ] || [ -e "/proc/$pid/root/run/host-ready" ]
}

in_host() { # host command...
  local pid=${HOST_PID[$1]}
  shift
  nsenter -t "$pid" --mount --uts --ipc --net --pid -- "$@" 7>&- 8>&- 9>&-
}

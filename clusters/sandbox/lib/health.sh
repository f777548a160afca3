# shellcheck shell=bash
# Is everything as it should be? Fills PROBLEMS with "host: what is wrong".

PROBLEMS=()

check_health() {
  PROBLEMS=()
  find_hosts
  check_processes
  if [ ${#PROBLEMS[@]} = 0 ]; then check_answers; fi
  [ ${#PROBLEMS[@]} = 0 ]
}

expected_daemons() { # host
  case $1 in
    mgmt) [ "$VARIANT_ACCOUNTING" != yes ] && echo munged slurmctld || echo munged mariadbd slurmdbd slurmctld ;;
    login) echo munged sshd ;;
    node*) echo munged slurmd sshd ;;
  esac
}

check_processes() {
  local host daemon namespace line
  local -A seen=()
  # one pass over all processes: "pid-namespace command"
  while read -r line; do
    seen[$line]=1
  done < <(process_table)
  [ -n "${HOST_PID[switch]:-}" ] || PROBLEMS+=('switch: not running')
  while read -r host; do
    if [ -z "${HOST_PID[$host]:-}" ]; then
      PROBLEMS+=("$host: not running")
      continue
    fi
    namespace=$(readlink "/proc/${HOST_PID[$host]}/ns/pid") || namespace=gone
    for daemon in $(expected_daemons "$host"); do
      [ -n "${seen["$namespace $daemon"]:-}" ] || PROBLEMS+=("$host: $daemon is not running")
    done
  done < <(host_names)
}

process_table() {
  join <(find /proc/[0-9]*/ns/pid -maxdepth 0 -printf '%h %l\n' 2>/dev/null | sed 's#/ns##' | sort -k1,1) \
    <(grep -s . /proc/[0-9]*/comm | sed 's#/comm:# #' | sort -k1,1) | cut -d' ' -f2-
}

check_answers() {
  local node
  listener_answers || PROBLEMS+=("login: no ssh server answers on 127.0.0.1:$PORT")
  route_is_closed || PROBLEMS+=("switch: this machine's route to $SUBNET.0/24 is not closed")
  in_host mgmt timeout 10 scontrol ping </dev/null 2>/dev/null | grep -q UP || PROBLEMS+=('mgmt: slurmctld does not answer')
  for node in $(silent_nodes); do
    PROBLEMS+=("$node: does not answer Slurm's controller")
  done
}

# shellcheck shell=bash
# Which daemons run where, and in which order do they start?

start_services() {
  local host hosts=() jobs=()
  mapfile -t hosts < <(host_names)
  for host in "${hosts[@]}"; do
    in_background "$host" munge
  done
  finish_background
  if [ "$VARIANT_ACCOUNTING" = yes ]; then
    in_background mgmt database slurmdbd slurmctld
  else
    in_background mgmt slurmctld
  fi
  finish_background
  if [ -e "$STATE/started" ]; then forget_lost_jobs; fi
  while read -r host; do
    in_background "$host" slurmd sshd
  done < <(node_names)
  in_background login sshd
  if [ "$VARIANT_ACCOUNTING" = yes ]; then make_accounts; fi
  finish_background
  await_nodes
}

# The controller would wait for up to two minutes for jobs to end that died with their host.
forget_lost_jobs() {
  local node
  for node in "${RESTARTED_NODES[@]}"; do
    in_host mgmt scontrol update "nodename=$node" state=down reason='its host was started again' </dev/null >>"$LOGS/mgmt.log" 2>&1 ||
      note "$node could not be set down first; jobs that died with it may take two minutes to end"
  done
}

in_background() { # host service...
  local host=$1
  shift
  in_host "$host" bash -c "$(<"$SANDBOX_SOURCE/host-services")" host-services "$@" </dev/null >>"$LOGS/$host.log" 2>&1 &
  jobs+=("$!:$host:$*")
}

finish_background() {
  local job pid host what failed=()
  for job in "${jobs[@]}"; do
    IFS=: read -r pid host what <<<"$job"
    wait "$pid" || failed+=("$host")
  done
  jobs=()
  [ ${#failed[@]} = 0 ] || { show_log "$LOGS/${failed[0]}.log" && fail "a service of ${failed[*]} did not start ($what)"; }
}

# Waits until every node answers the controller; drained and reserved ones answer too.
await_nodes() {
  local deadline=$((SECONDS + 60)) silent
  while silent=$(silent_nodes) && [ -n "$silent" ]; do
    ((SECONDS < deadline)) || fail "these nodes do not answer Slurm's controller: $silent"
    sleep 0.2
  done
}

# A node that is down for another reason than silence is so because an operator said so.
silent_nodes() {
  in_host mgmt timeout 10 sinfo --all --noheader --Node -o '%N %T' </dev/null 2>/dev/null |
    awk '$2 ~ /\*$|^unk/ { print $1 }' | sort -u | paste -sd' '
}

# shellcheck shell=bash
# How does a sandbox go, without leaving anything?

sandbox_down() {
  [ "$(id -u)" = 0 ] || refuse "removing a sandbox needs root"
  if [ ! -e "$STATE" ] && [ -z "$(marked_processes)" ]; then
    note "there is no sandbox $NAME"
  else
    lock_dir 9 "$STATE" "the sandbox $NAME"
    remove_sandbox
    unlock 9
    note "the sandbox $NAME is gone"
  fi
  rmdir --ignore-fail-on-non-empty "$STATES" "$(dirname "$STATES")" 2>/dev/null || true
  if [ "$PURGE" = yes ]; then purge_cache; fi
  if [ "$JSON" = yes ]; then
    STATE_WORD=down
    status_json
  fi
}

remove_sandbox() {
  read_subnet
  kill_processes
  remove_route
  rm -rf --one-file-system "$STATE"
}

# From the settings; or, if they are lost, from a process of the sandbox.
read_subnet() {
  local pid
  if have_settings; then
    load_settings
    return
  fi
  for pid in $(marked_processes); do
    SUBNET=$({ tr '\0' '\n' <"/proc/$pid/environ"; } 2>/dev/null | sed -n 's/^HPC_SERVE_SANDBOX_SUBNET=//p')
    [ -z "$SUBNET" ] || return 0
  done
}

# The end of a host's first process ends the host, its mounts and its network.
kill_processes() {
  local pids deadline=$((SECONDS + 20))
  while pids=$(marked_processes) && [ -n "$pids" ]; do
    # shellcheck disable=SC2086 # a list
    kill -KILL $pids 2>/dev/null || true
    ((SECONDS < deadline)) || fail "these processes of the sandbox do not end: $(paste -sd' ' <<<"$pids")"
    sleep 0.1
  done
}

purge_cache() {
  if grep -qsF "$CACHE/" /proc/[0-9]*/mountinfo; then
    fail "the cache $CACHE stays: another sandbox runs from it"
  fi
  if [ -d "$CACHE" ]; then remove_cached "$CACHE"; fi
  rmdir --ignore-fail-on-non-empty "$(dirname "$CACHE")" 2>/dev/null || true
  note "the cache $CACHE is gone"
}

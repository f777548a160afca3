# shellcheck shell=bash
# What runs, and how is it reached?

sandbox_status() {
  if ! have_settings; then
    STATE_WORD=down
    [ -z "$(marked_processes)" ] || STATE_WORD=damaged
    print_status
    return
  fi
  load_settings
  STATE_WORD=up
  check_health || STATE_WORD=damaged
  [ -e "$STATE/started" ] || STATE_WORD=incomplete
  print_status
}

# Runs a command as root on a host, for tests and for the curious.
sandbox_exec() {
  [ ${#REST[@]} -ge 2 ] || refuse 'exec needs a host and a command'
  find_hosts
  [ -n "${HOST_PID[${REST[0]}]:-}" ] || fail "the sandbox $NAME has no running host '${REST[0]}'"
  in_host "${REST[0]}" env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LANG=C.UTF-8 "${REST[@]:1}"
}

print_status() {
  if [ "$JSON" = yes ]; then status_json; else status_text; fi
}

slurm_version() {
  awk '$1 == "Package:" { found = $2 == "slurm-client" } found && $1 == "Version:" { sub(/[+-].*/, "", $2); print $2; exit }' \
    "$ROOT/var/lib/dpkg/status"
}

host_problems() { # host: one per line
  local problem
  for problem in "${PROBLEMS[@]}"; do
    [[ $problem != "$1: "* ]] || printf '%s\n' "${problem#*: }"
  done
}

status_text() {
  if ! have_settings; then
    printf 'There is no sandbox %s (state: %s).\n' "$NAME" "$STATE_WORD"
    return
  fi
  printf 'Sandbox %s is %s: Slurm %s (Debian %s), %s node(s).\n' "$NAME" "$STATE_WORD" "$(slurm_version)" "$SUITE" "$NODES"
  [ ${#PROBLEMS[@]} = 0 ] || printf '  ! %s\n' "${PROBLEMS[@]}"
  cat <<TEXT
  Reach it:  ssh -F $(printf %q "$STATE/ssh_config") $NAME      (as alice; $NAME-bob, $NAME-operator, $NAME-node1 too)
  In it:     images $VARIANT_IMAGES, models $VARIANT_MODELS, homes $VARIANT_HOME, scratch $VARIANT_SCRATCH
  Remove it: $(printf %q "$SANDBOX_SOURCE/sandbox") down --name $NAME
The GPUs are stand-in device nodes and the model weights are 10 MB stand-ins; the rest is real.
TEXT
}

json_string() { # text
  local text=${1//\\/\\\\}
  text=${text//\"/\\\"}
  text=${text//$'\n'/\\n}
  printf '"%s"' "${text//$'\t'/\\t}"
}

json_list() { # text...
  local item comma=''
  printf '['
  for item in "$@"; do
    printf '%s%s' "$comma" "$(json_string "$item")"
    comma=,
  done
  printf ']'
}

json_object() { # (key text)...
  local comma=''
  printf '{'
  while [ $# -gt 0 ]; do
    printf '%s"%s":%s' "$comma" "$1" "$(json_string "$2")"
    comma=,
    shift 2
  done
  printf '}'
}

status_json() {
  if ! have_settings; then
    printf '{"name":%s,"state":%s,"stateDir":%s,"cacheDir":%s}\n' "$(json_string "$NAME")" "$(json_string "$STATE_WORD")" \
      "$(json_string "$STATE")" "$(json_string "$CACHE")"
    return
  fi
  local key
  printf '{'
  for key in name:"$NAME" state:"$STATE_WORD" suite:"$SUITE" variant:"$VARIANT" slurmVersion:"$(slurm_version)" \
    startedAt:"$(cat "$STATE/started" 2>/dev/null || true)" stateDir:"$STATE" cacheDir:"$CACHE"; do
    printf '"%s":%s,' "${key%%:*}" "$(json_string "${key#*:}")"
  done
  printf '"nodes":%d,"accounting":%s,"hosts":[%s],' "$NODES" "$([ "$VARIANT_ACCOUNTING" = yes ] && echo true || echo false)" "$(hosts_json)"
  printf '"ssh":{"host":"127.0.0.1","port":%d,"user":"alice","alias":%s,"identityFile":%s,"configFile":%s,"knownHostsFile":%s},' \
    "$PORT" "$(json_string "$NAME")" "$(json_string "$STATE/ssh/id_ed25519")" "$(json_string "$STATE/ssh_config")" \
    "$(json_string "$STATE/known_hosts")"
  printf '"paths":%s,"users":%s,"problems":%s}\n' \
    "$(json_object home "$VARIANT_HOME" scratch "$VARIANT_SCRATCH" images "$VARIANT_IMAGES" models "$VARIANT_MODELS" engine /opt/bin/llama-server)" \
    "$(json_list "${USERS[@]%:*}")" "$(json_list "${PROBLEMS[@]}")"
}

hosts_json() {
  local host comma='' up problems=()
  while read -r host; do
    mapfile -t problems < <(host_problems "$host")
    up=true
    [ -n "${HOST_PID[$host]:-}" ] || up=false
    printf '%s{"name":"%s","address":"%s","up":%s,"problems":%s}' "$comma" "$host" "$(host_address "$host")" "$up" "$(json_list "${problems[@]}")"
    comma=,
  done < <(host_names)
}

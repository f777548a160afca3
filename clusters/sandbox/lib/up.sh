# shellcheck shell=bash
# How does a sandbox come up, whatever was there before? Every step does only what is missing.

sandbox_up() {
  check_machine
  lock_dir 9 "$STATE" "the sandbox $NAME"
  chmod 700 "$STATE"
  mkdir -p "$LOGS" "$STATE/hosts"
  adopt_settings
  if [ -e "$STATE/started" ] && check_health; then
    note "the sandbox $NAME is up already"
  else
    bring_up
  fi
  STATE_WORD=up
  print_status
}

# An existing sandbox keeps its settings; one that cannot be repaired is removed and begun anew with them.
adopt_settings() {
  local suite=$SUITE nodes=$NODES port=$PORT variant=$VARIANT
  if have_settings; then
    load_settings
    if [ -e "$STATE/started" ]; then
      same_settings ||
        refuse "the sandbox $NAME exists with --suite $SUITE --nodes $NODES --port $PORT --variant $VARIANT; take it down first, or choose another --name"
      [ ! -d "$ROOT" ] || [ ! -d "$ENGINE" ] || return 0
      note 'what it was made from is no longer in the cache; beginning anew'
    else
      note 'an earlier start did not finish; beginning anew'
    fi
  fi
  suite=${suite:-$SUITE} nodes=${nodes:-$NODES} port=${port:-$PORT} variant=${variant:-$VARIANT}
  read_subnet
  kill_processes
  remove_route
  find "$STATE" -xdev -mindepth 1 -delete
  mkdir -p "$LOGS" "$STATE/hosts"
  SUITE=${suite:-trixie} NODES=${nodes:-4} PORT=$port VARIANT=${variant:-standard} SUBNET=''
  load_variant
}

# Reads what was asked for from its caller.
same_settings() {
  [ "${suite:-$SUITE}" = "$SUITE" ] && [ "${nodes:-$NODES}" = "$NODES" ] && [ "${port:-$PORT}" = "$PORT" ] &&
    [ "${variant:-$VARIANT}" = "$VARIANT" ]
}

bring_up() {
  [ ! -e "$STATE/started" ] || note "repairing: $(printf '%s; ' "${PROBLEMS[@]}")"
  step 'Looking at this machine'
  check_file_system
  install_host_packages
  need_mirror
  step "Debian $SUITE with Slurm, and llama.cpp (built once, then cached)"
  build_cache
  step 'Users, file systems, models'
  [ -e "$STATE/started" ] || settle
  step "Hosts: mgmt, login and $NODES node(s)"
  close_route
  start_missing_hosts
  connect_all
  step 'Slurm'
  start_services
  step 'The login host on this machine'
  start_listener
  await_listener
  step 'Checking'
  check_health || fail "something is still wrong: $(printf '%s; ' "${PROBLEMS[@]}")"
  finish_image
  date -u +%Y-%m-%dT%H:%M:%SZ >"$STATE/started"
  prune_cache
  quiet_ticker
}

# Chooses what must be unique on this machine and takes hold of it, under a lock that all sandboxes share.
settle() {
  lock_dir 8 /run/lock 'the choice of a port and a subnet'
  choose_port
  choose_subnet
  save_settings
  close_route
  install -m 755 "$SANDBOX_SOURCE/login-connect" "$STATE/login-connect"
  start_listener
  unlock 8
  prepare_login
  prepare_shared
}

build_cache() {
  [ ! -e "$STATE/started" ] || return 0
  export CACHE MIRROR
  mkdir -p "$CACHE"
  ROOT=$(root_dir "$SUITE") ENGINE=$(engine_dir) SIF=''
  [ "$SUITE" = bookworm ] || SIF=$ENGINE.sif
  local root_job engine_job
  guarded bash "$SANDBOX_SOURCE/build" root "$SUITE" </dev/null >"$LOGS/build-root.log" 2>&1 &
  root_job=$!
  guarded bash "$SANDBOX_SOURCE/build" engine </dev/null >"$LOGS/build-engine.log" 2>&1 &
  engine_job=$!
  wait "$root_job" || { show_log "$LOGS/build-root.log" && fail "the root of Debian $SUITE could not be built"; }
  wait "$engine_job" || { show_log "$LOGS/build-engine.log" && fail 'llama.cpp could not be built'; }
  if [ -n "$SIF" ]; then
    guarded bash "$SANDBOX_SOURCE/build" sif "$ROOT" </dev/null >"$LOGS/build-sif.log" 2>&1 ||
      { show_log "$LOGS/build-sif.log" && fail 'the image could not be built'; }
  fi
}

finish_image() {
  local target
  [ -n "$SIF" ] || return 0
  target=$(behind "$VARIANT_IMAGES")/llama-server.sif
  [ -e "$target" ] || { cp --reflink=auto "$SIF" "$target.new" && mv "$target.new" "$target"; }
}

connect_all() {
  local host
  connect_switch
  while read -r host; do
    connect_host "$host"
  done < <(host_names)
}

# shellcheck shell=bash
# Which sandbox, built how, and where does everything lie?

NAME=sandbox SUITE='' NODES='' PORT='' VARIANT='' JSON=no PURGE=no REST=()

read_arguments() {
  while [ $# -gt 0 ]; do
    case $1 in
      --name | --suite | --nodes | --port | --variant)
        [ $# -ge 2 ] || refuse "$1 needs a value"
        set_option "${1#--}" "$2"
        shift 2
        ;;
      --json) JSON=yes && shift ;;
      --purge) PURGE=yes && shift ;;
      -*) refuse "unknown option '$1' (see --help)" ;;
      *) REST=("$@") && break ;;
    esac
  done
  check_arguments
  set_paths
}

set_option() { # option value
  case $1 in
    name) NAME=$2 ;;
    suite) SUITE=$2 ;;
    nodes) NODES=$2 ;;
    port) PORT=$2 ;;
    variant) VARIANT=$2 ;;
  esac
}

check_arguments() {
  [[ $NAME =~ ^[a-z][a-z0-9-]{0,30}$ ]] || refuse "--name: '$NAME' is not a lower-case letter followed by up to 30 of a-z 0-9 -"
  [[ $SUITE =~ ^(|bookworm|trixie|sid)$ ]] || refuse "--suite: '$SUITE' is none of bookworm, trixie, sid"
  [[ $VARIANT =~ ^(|standard|other)$ ]] || refuse "--variant: '$VARIANT' is none of standard, other"
  [[ $NODES =~ ^(|[1-9]|[1-5][0-9]|6[0-4])$ ]] || refuse "--nodes: '$NODES' is not a number from 1 to 64"
  if [ -n "$PORT" ] && ! { [[ $PORT =~ ^[1-9][0-9]{0,4}$ ]] && [ "$PORT" -le 65535 ]; }; then
    refuse "--port: '$PORT' is not a TCP port"
  fi
}

set_paths() {
  local home=${HOME:-/root}
  CACHE=${XDG_CACHE_HOME:-$home/.cache}/hpc-serve/sandbox
  STATES=${XDG_STATE_HOME:-$home/.local/state}/hpc-serve/sandbox
  STATE=$STATES/$NAME
  LOGS=$STATE/log
  # overlayfs separates its options with these
  case $CACHE$STATE in *[,:\\]*) refuse "the cache and state directories must not contain ',' ':' or '\\': $CACHE, $STATE" ;; esac
  readonly CACHE STATES STATE LOGS
}

# The settings of an existing sandbox are one file, written whole or not at all.
save_settings() {
  local key
  for key in SUITE NODES PORT VARIANT SUBNET ROOT ENGINE SIF; do
    printf '%s=%q\n' "$key" "${!key}"
  done >"$STATE/settings.new"
  mv "$STATE/settings.new" "$STATE/settings"
}

have_settings() { [ -s "$STATE/settings" ]; }

load_settings() {
  # shellcheck source=/dev/null
  . "$STATE/settings"
  load_variant
}

load_variant() {
  # shellcheck source=/dev/null
  . "$SANDBOX_SOURCE/variants/$VARIANT/cluster.sh"
}

node_names() { seq -f 'node%g' 1 "$NODES"; }
host_names() { printf 'mgmt\nlogin\n' && node_names; }

host_address() { # host
  case $1 in
    mgmt) echo "$SUBNET.2" ;;
    login) echo "$SUBNET.3" ;;
    node*) echo "$SUBNET.$((10 + ${1#node}))" ;;
  esac
}

# shellcheck shell=bash
# Who may work on this sandbox, or build this cached thing, right now?
# A lock is a flock on a directory, so that it dies with its process and leaves no file.
# Descriptor 9: this sandbox. Descriptor 8: a thing in the cache, or the choice of port and subnet.

lock_dir() { # descriptor dir what
  while :; do
    mkdir -p "$2"
    eval "exec $1<\"\$2\""
    if ! flock -n "$1"; then
      note "waiting for another sandbox command that works on $3"
      [ -n "$SAY_TICKER" ] || start_ticker "waiting for another sandbox command"
      flock "$1"
    fi
    # the directory may have been removed while this waited
    [ "$2" -ef "/proc/self/fd/$1" ] && return 0
  done
}

unlock() { eval "exec $1<&-"; } # descriptor

# Runs a long command so that it, and everything it started or mounted, dies with this process.
# Started with & it replaces the subshell, so that this process is its parent.
guarded() {
  [ "$BASHPID" = $$ ] || exec setpriv --pdeathsig KILL -- unshare --mount --pid --fork --kill-child=KILL --mount-proc -- "$@"
  setpriv --pdeathsig KILL -- unshare --mount --pid --fork --kill-child=KILL --mount-proc -- "$@"
}

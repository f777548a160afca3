# Prints what is known of the deployments below $root: Slurm's queue, the records that the jobs wrote, and
# Slurm's accounting for jobs that have left the queue. Set by the caller: root, mark, ask_slurm (yes|no), only (a
# deployment's name or empty), queue (squeue's arguments), account (sacct's arguments; the ids follow).
section() {
  printf '\n%s %s\n' "$mark" "$*"
  printf '\n%s %s\n' "$mark" "$*" >&2
}

section now
date +%s

queued=
if [ "$ask_slurm" = yes ]; then
  section squeue
  queued=$(eval "squeue $queue")
  status=$?
  [ -z "$queued" ] || printf '%s\n' "$queued"
  section squeue-status "$status"
fi

section records
missing=
if cd "$root/deployments" 2>/dev/null; then
  set --
  for deployment in */; do
    deployment=${deployment%/}
    case $only in '' | "$deployment") ;; *) continue ;; esac
    attempt=
    IFS= read -r attempt 2>/dev/null <"$deployment/current"
    [ -n "$attempt" ] || continue
    at=$deployment/jobs/$attempt
    set -- "$@" "$at/summary.json" "$at/stopped" "$at/heartbeat" "$at"/submit/* "$at"/events/*.json "$at"/endpoints/*.json
    id=
    [ -r "$at/submit/out" ] && IFS= read -r id <"$at/submit/out"
    id=${id%%;*}
    case $id in '' | *[!0-9]*) continue ;; esac
    case $queued in *"hs.$deployment.$attempt"*) ;; *) missing=$missing${missing:+,}$id ;; esac
  done
  # /dev/null makes grep print names even for a single file.
  [ $# -eq 0 ] || printf '%s\0' "$@" | xargs -0 grep -Hs '' /dev/null
fi

if [ "$ask_slurm" = yes ] && [ -n "$missing" ] && [ -n "$account" ]; then
  section sacct
  eval "sacct $account -j $missing"
  section sacct-status $?
fi
section end

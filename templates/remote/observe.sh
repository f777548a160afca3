# Prints what is known of the deployments below $root: Slurm's queue, the records that the jobs wrote, and
# Slurm's accounting for jobs that have left the queue. Set by the caller: root, mark, ask_slurm (yes|no), only (a
# deployment's name or empty), queue (squeue's arguments), account (sacct's arguments; the ids follow).
section() {
  printf '\n%s %s\n' "$mark" "$*"
  printf '\n%s %s\n' "$mark" "$*" >&2
}

# ask SECONDS PROGRAM ARGUMENTS: Slurm's answer. A daemon that hangs may not hold up what the other parts say.
ask() {
  eval "bounded $1 $2 $3"
  status=$?
  [ "$status" -ne 124 ] || echo "$2 had no answer within $1 s" >&2
  return "$status"
}

section now
date +%s

queued=
if [ "$ask_slurm" = yes ]; then
  section squeue
  queued=$(ask 20 squeue "$queue")
  status=$?
  [ -z "$queued" ] || printf '%s\n' "$queued"
  section squeue-status "$status"
fi

section records
missing=
places=
if cd "$root/deployments" 2>/dev/null; then
  for deployment in */; do
    deployment=${deployment%/}
    case $deployment in *[!a-z0-9-]*) continue ;; esac
    case $only in '' | "$deployment") ;; *) continue ;; esac
    attempt=
    [ ! -r "$deployment/current" ] || IFS= read -r attempt <"$deployment/current"
    case $attempt in '' | *[!a-z2-7]*) continue ;; esac
    at=$deployment/jobs/$attempt
    places="$places $at"
    id=
    # Sites print lines of their own before the id.
    [ ! -r "$at/submit/out" ] || while IFS= read -r line; do
      case ${line%%;*} in '' | *[!0-9]*) ;; *) id=${line%%;*} ;; esac
    done <"$at/submit/out"
    [ -n "$id" ] || continue
    case $queued in *"hs.$deployment.$attempt"*) ;; *) missing=$missing${missing:+,}$id ;; esac
  done
  # One grep prints all files, each line behind its file's name; /dev/null makes it print names even for a single file.
  for at in $places; do
    printf '%s\0' "$at/summary.json" "$at/stopped" "$at/heartbeat" "$at"/submit/* "$at"/events/*.json "$at"/endpoints/*.json
  done | xargs -0 -r grep -Hs '' /dev/null
else
  # Nothing was ever submitted where it does not exist; anything else is no answer.
  because=$(LC_ALL=C ls -d "$root/deployments/." 2>&1 >/dev/null)
  case $because in *'No such file or directory'*) ;; *) section unreadable; printf '%s\n' "$because" ;; esac
fi

if [ "$ask_slurm" = yes ] && [ -n "$missing" ] && [ -n "$account" ]; then
  section sacct
  ask 10 sacct "$account -j $missing"
  section sacct-status $?
fi
section end

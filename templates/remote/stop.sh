# Ends a deployment's job and waits until Slurm no longer runs it.
# Set by the caller: root, mark, deployment, attempt, job_name, job (empty when its id is not known), patience (seconds).
umask 077
say() { printf '\n%s %s\n' "$mark" "$*"; }

at=$root/deployments/$deployment/jobs/$attempt
[ -e "$at/stopped" ] || { date +%s >"$at/.stopped" && mv "$at/.stopped" "$at/stopped"; }
say scancel
# By name as well: a submit whose answer was lost has no id yet.
scancel --quiet --me --name="$job_name"
status=$?
[ -z "$job" ] || scancel --quiet "$job" 2>/dev/null
say scancel-status "$status"

waited=0
while :; do
  live=$(squeue --me -h --name="$job_name" -o %T) || { say unanswered; exit 0; }
  [ -n "$live" ] || break
  if [ "$waited" -ge "$patience" ]; then
    say alive "$live"
    exit 0
  fi
  sleep 1
  waited=$((waited + 1))
done
say gone

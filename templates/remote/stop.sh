# Ends a deployment's job and waits until Slurm no longer runs it.
# Set by the caller: root, mark, deployment, attempt, job_name, patience (seconds).
umask 077
say() { printf '\n%s %s\n' "$mark" "$*"; }

at=$root/deployments/$deployment/jobs/$attempt
[ -e "$at/stopped" ] || { date +%s >"$at/.stopped" && mv "$at/.stopped" "$at/stopped"; }
# By its unique name, not by its id: a submit whose answer was lost has none, and Slurm uses ids again.
scancel --quiet --user="$(id -un)" --name="$job_name"

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

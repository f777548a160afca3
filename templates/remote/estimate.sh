# Asks Slurm when jobs would start, and submits nothing. Set by the caller: mark. A line `estimate ARGUMENTS` for each
# job follows this file.
say() {
  printf '\n%s %s\n' "$mark" "$*"
  printf '\n%s %s\n' "$mark" "$*" >&2
}

estimate() {
  say estimate
  # The job's script is not there yet, and does not matter: sbatch reads this one from its stdin.
  printf '#!/bin/sh\n:\n' | sbatch "$@"
  say status "$?"
}

say now "$(date +%s)"

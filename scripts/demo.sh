#!/usr/bin/env bash
# npm run demo: from nothing to a streamed answer, on a real Slurm cluster on this machine. npm run demo -- down removes it.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

readonly cluster=sandbox deployment=llama3-8b
readonly ssh_config=${XDG_STATE_HOME:-$HOME/.local/state}/hpc-serve/sandbox/$cluster/ssh_config
readonly profile=${XDG_CONFIG_HOME:-$HOME/.config}/hpc-serve/clusters/$cluster.yaml
bold='' plain=''
if [ -t 1 ] && [ -z "${NO_COLOR:-}" ]; then bold=$'\e[1m' plain=$'\e[0m'; fi
scratch='' tunnel='' reached=nothing

hpc-serve() { node dist/main.js "$@"; }

heading() { printf '\n%s── %s ──%s\n' "$bold" "$1" "$plain"; }

show() { printf '%s$ %s%s\n' "$bold" "$1" "$plain"; }

# Shows a command, then runs it.
try() {
  show "$*"
  "$@"
}

close_tunnel() {
  [ -n "$tunnel" ] || return 0
  kill "$tunnel" 2>/dev/null || true
  wait "$tunnel" 2>/dev/null || true
  tunnel=''
}

finish() {
  local status=$?
  trap - EXIT INT TERM
  close_tunnel
  [ -z "$scratch" ] || rm -rf "$scratch"
  if [ "$status" != 0 ] && [ "$reached" != nothing ]; then
    printf '\nThe demo ended early. The sandbox cluster may still run:\n'
    printf '  npm run demo            goes on from where it is\n  npm run demo -- down    removes it\n'
  fi
  exit "$status"
}

remove() {
  try hpc-serve sandbox down --name "$cluster" "$@"
  if [ -e "$profile" ] && grep -qF "$ssh_config" "$profile"; then try rm "$profile"; fi
  # The schema beside the profiles helps editors; without a profile it is of no use.
  if [ "$(ls "${profile%/*}" 2>/dev/null)" = schema.json ]; then
    rm "${profile%/*}/schema.json"
    rmdir --ignore-fail-on-non-empty "${profile%/*}" "${profile%/*/*}"
  fi
}

start_cluster() {
  heading '1/6  A Slurm cluster on this machine'
  reached=cluster
  try hpc-serve sandbox up --name "$cluster"
}

learn_cluster() {
  heading '2/6  What hpc-serve sees of it, over ssh'
  try hpc-serve init --ssh-config "$ssh_config" --name "$cluster" --yes --force "$cluster"
  export HPC_SERVE_CLUSTER=$cluster
}

# The deployment's stage, such as ready; nothing where there is none of that name.
stage() {
  hpc-serve status "$deployment" --json 2>/dev/null | sed -n 's/.*"stage":"\([a-z]*\)".*/\1/p'
}

# An earlier run may have been stopped half-way: its job goes on by itself.
await_earlier() {
  local now deadline=$((SECONDS + 180))
  printf '%s was submitted by an earlier run; this one uses it.\n' "$deployment"
  while now=$(stage) && [ "$now" != ready ]; do
    [ "$now" != ended ] || return 1
    printf '  … it is %s (%d s)\n' "${now:-gone}" "$SECONDS"
    if [ "$SECONDS" -ge "$deadline" ]; then
      hpc-serve status "$deployment"
      return 1
    fi
    sleep 2
  done
}

serve() {
  heading '3/6  A model on eight of its GPUs'
  case $(stage) in
    '' | ended) try hpc-serve submit "$deployment" --gpus 8 ;;
    *) await_earlier ;;
  esac
  heading '4/6  What is deployed'
  try hpc-serve status
}

open_tunnel() {
  heading '5/6  A port on this machine that leads to it'
  show "hpc-serve tunnel $deployment &"
  node dist/main.js tunnel "$deployment" >"$scratch/tunnel" &
  tunnel=$!
  local waited=0
  until grep -q OPENAI_BASE_URL= "$scratch/tunnel"; do
    if ! kill -0 "$tunnel" 2>/dev/null || [ "$waited" -ge 300 ]; then
      printf 'The tunnel did not open.\n' >&2
      return 1
    fi
    sleep 0.1
    waited=$((waited + 1))
    [ $((waited % 20)) != 0 ] || printf '  … waiting for the tunnel (%d s)\n' "$((waited / 10))"
  done
  cat "$scratch/tunnel"
  # Our own program's lines, quoted by it for a shell.
  eval "$(grep '^export OPENAI_' "$scratch/tunnel")"
}

ask() {
  heading '6/6  A chat completion, streamed by plain curl'
  # The key goes through a file descriptor, so that `ps` does not show it.
  # shellcheck disable=SC2016 # expanded when it runs
  local command='curl -N "$OPENAI_BASE_URL/chat/completions" -H @<(echo "Authorization: Bearer $OPENAI_API_KEY") --json '
  command+="'"'{"model": "llama3-8b", "stream": true, "messages": [{"role": "user", "content": "Who are you?"}]}'"'"
  show "$command"
  eval "$command --silent --show-error --max-time 120" | node scripts/print-tokens.mjs
  close_tunnel
}

farewell() {
  heading "Done in $SECONDS s"
  cat <<TEXT
Real: Slurm with its database, munge, sshd, Apptainer, llama-server, and every byte between them.
Stand-ins: the GPUs (device nodes without hardware behind them), and the weights (10 MB in place of Llama 3 8B).

Still running: the sandbox cluster, and the deployment $deployment on it. The tunnel is closed.

Next, in this directory:
  alias hpc-serve="$PWD/dist/main.js"
  hpc-serve status --watch
  hpc-serve logs $deployment
  hpc-serve tunnel $deployment
  hpc-serve submit qwen3-0.6b --gpus 2 --dry-run
  hpc-serve stop $deployment
  ssh -F $ssh_config $cluster   # squeue, sinfo, sacct
With other clusters beside it: export HPC_SERVE_CLUSTER=$cluster

Remove everything: npm run demo -- down
TEXT
}

trap finish EXIT
trap 'exit 130' INT
trap 'exit 143' TERM
node scripts/ensure.mjs
case ${1:-} in
  '') ;;
  down)
    remove "${@:2}"
    exit
    ;;
  *)
    printf 'npm run demo takes nothing; npm run demo -- down [--purge] removes what it left.\n' >&2
    exit 2
    ;;
esac
scratch=$(mktemp -d)
node scripts/debian.mjs curl openssh-client
start_cluster
learn_cluster
serve
open_tunnel
ask
farewell

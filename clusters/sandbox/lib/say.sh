# shellcheck shell=bash
# What is the user told, and where? Progress: stderr, one plain line each. Result: stdout.

SAY_STEPS=7
SAY_STEP=0
SAY_TICKER=

step() { # text
  quiet_ticker
  SAY_STEP=$((SAY_STEP + 1))
  printf 'STEP %d/%d %s\n' "$SAY_STEP" "$SAY_STEPS" "$1" >&2
  start_ticker "$1"
}

note() { printf '  %s\n' "$1" >&2; }

# A process beside the work that says every 2 s that it goes on; ends by itself when the work's process is gone.
start_ticker() { # text
  local text=$1 parent=$$ began=$SECONDS
  (
    trap - EXIT
    exec 8>&- 9>&- </dev/null >/dev/null
    # the sleep outlives this by a moment; it holds no descriptor that somebody waits for
    while sleep 2 2>/dev/null && kill -0 "$parent" 2>/dev/null; do
      printf '  … still %s (%d s)\n' "${text}" "$((SECONDS - began))" >&2
    done
  ) &
  SAY_TICKER=$!
  disown "$SAY_TICKER" # its end is not worth a message
}

quiet_ticker() {
  [ -n "$SAY_TICKER" ] || return 0
  kill -KILL "$SAY_TICKER" 2>/dev/null || true
  SAY_TICKER=
}

fail() { # sentence
  quiet_ticker
  printf 'sandbox: %s\n' "$1" >&2
  exit 1
}

refuse() { # sentence: wrong usage, or a machine that cannot run it
  quiet_ticker
  printf 'sandbox: %s\n' "$1" >&2
  exit 2
}

show_log() { # file: the end of a log, for a person
  [ -s "$1" ] || return 0
  printf '  the end of %s:\n' "$1" >&2
  tail -n 15 "$1" | sed 's/^/    /' >&2
}

trap quiet_ticker EXIT

# Before the scripts that ask Slurm. `begin` needs mark, the word that frames the sections.

# begin NAME [ARGUMENT]: starts a section on both streams.
begin() {
  printf '\n%s %s\n' "$mark" "$*"
  printf '\n%s %s\n' "$mark" "$*" >&2
}

# bounded SECONDS COMMAND…: nothing on a login host may block us for ever, and nothing may read our input.
if timeout -k 1 5 true >/dev/null 2>&1; then
  bounded() {
    limit=$1
    shift
    timeout -k 2 "$limit" "$@" </dev/null
  }
else
  bounded() {
    shift
    "$@" </dev/null
  }
fi

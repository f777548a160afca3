# Facts for the outside, one JSON object a file: written beside and renamed, so nobody ever reads half of one.
# Functions give their result in REPLY, because a subshell costs a process.
# shellcheck shell=bash disable=SC2154

# Seconds since 1970, with microseconds where this bash has them.
seconds_now() {
  REPLY=${EPOCHREALTIME:-}
  [[ -n $REPLY ]] || printf -v REPLY '%(%s)T' -1
}

# replace_file PATH TEXT
replace_file() {
  local temporary="$1.$BASHPID.tmp"
  printf '%s\n' "$2" >"$temporary" && mv -f -- "$temporary" "$1"
}

# A JSON string; control characters become blanks.
json_string() {
  local text=${1//[[:cntrl:]]/ }
  text=${text//\\/\\\\}
  text=${text//\"/\\\"}
  REPLY="\"$text\""
}

# write_event STAGE [REPLICA] [EXIT CODE] [TEXT]
write_event() {
  local at record name
  seconds_now
  at=$REPLY
  json_string "$1"
  record="{\"stage\":$REPLY,\"at\":$at,\"job\":\"$SLURM_JOB_ID\",\"restart\":${SLURM_RESTART_COUNT:-0}"
  json_string "${SLURMD_NODENAME:-$HOSTNAME}"
  record+=",\"node\":$REPLY"
  [[ -z ${2:-} ]] || record+=",\"replica\":$2"
  [[ -z ${3:-} ]] || record+=",\"exitCode\":$3"
  if [[ -n ${4:-} ]]; then
    json_string "$4"
    record+=",\"text\":$REPLY"
  fi
  name="$at-$1-${SLURMD_NODENAME:-$HOSTNAME}${2:+-$2}"
  replace_file "$job_directory/events/$name.json" "$record}"
}

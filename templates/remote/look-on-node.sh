# Looks at a compute node through a job of seconds that asks for one CPU and no GPU, and leaves no job behind.
#
# Set before:  mark        a word that no program prints
#              name        of the job, and with a dot before it of the files; nobody else's
#              slurm_bin   directory of Slurm's commands where PATH lacks them, or nothing
#              partitions  where to try, in this order, separated by spaces
#              account     to charge, or nothing for the user's default
#              $@          directories in which an empty file is made, looked for on the node, and removed
#              bounded.sh
# Prints the section "node", framed as in probe.sh.
set -u
umask 077

[ -n "$slurm_bin" ] && PATH=$slurm_bin:$PATH

forget_job() {
  bounded 10 scancel --quiet --name="$name" >/dev/null 2>&1
}

clean() {
  trap - EXIT
  forget_job
  for directory in "$@"; do rm -f "$directory/.$name"; done
}
trap 'clean "$@"' EXIT
trap 'exit 143' HUP INT TERM PIPE

for directory in "$@"; do
  # shellcheck disable=SC2016 # expanded by the inner shell
  bounded 3 sh -c ': >"$1"' sh "$directory/.$name" 2>/dev/null
done

# shellcheck disable=SC2016 # expanded on the node
on_node='
  printf "job=%s\nnode=%s\n" "${SLURM_JOB_ID:-}" "${SLURMD_NODENAME:-$(uname -n)}"
  name=$1
  shift
  for directory in "$@"; do
    if [ -e "$directory/.$name" ]; then printf "shared=%s\n" "$directory"
    elif [ -d "$directory" ]; then printf "local=%s\n" "$directory"
    else printf "absent=%s\n" "$directory"
    fi
  done
  for path in /sys/class/net/*; do
    [ -e "$path/type" ] || continue
    printf "interface=%s %s %s\n" "${path##*/}" "$(cat "$path/type" 2>/dev/null)" "$(cat "$path/operstate" 2>/dev/null)"
  done
  PATH=$PATH:/usr/sbin:/sbin
  ip -o addr show 2>/dev/null | awk "{ print \"address=\" \$2 \" \" \$4 }"
  for program in bash srun curl apptainer singularity enroot nvidia-smi; do
    found=$(command -v "$program" 2>/dev/null) && printf "program=%s %s\n" "$program" "$found"
  done
  for program in apptainer singularity; do
    command -v "$program" >/dev/null 2>&1 || continue
    printf "version=%s %s\n" "$program" "$("$program" --version 2>/dev/null | head -n 1)"
  done
  PATH=$PATH:/usr/local/bin:/opt/bin
  for program in llama-server vllm trtllm-serve tritonserver text-generation-launcher ollama; do
    found=$(command -v "$program" 2>/dev/null) && printf "engine=%s %s\n" "$program" "$found"
  done
  df -PTk /dev/shm 2>/dev/null | tail -n 1 | sed "s/^/shm=/"
  nvidia-smi --query-gpu=name,memory.total --format=csv,noheader,nounits 2>/dev/null | sed "s/^/gpu=/"
'

look() {
  for partition in $partitions; do
    printf 'partition=%s\n' "$partition"
    bounded 12 srun --partition="$partition" ${account:+--account="$account"} --job-name="$name" \
      --nodes=1 --ntasks=1 --cpus-per-task=1 --mem=200M --time=1 --immediate=5 --mpi=none --chdir=/ \
      sh -c "$on_node" sh "$name" "$@" && return 0
    # An srun that was killed may have left its job in the queue.
    forget_job
  done
  return 1
}

begin node
look "$@"
begin end $?
begin finished

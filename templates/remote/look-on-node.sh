#!/bin/sh
# Looks at a compute node through a job of seconds that asks for one CPU and no GPU, and leaves no job behind.
#
# stdin:  lines "<key> <value>", then "end":
#           marker     a word that no program prints; also the job's name and the name of the files below
#           slurm_bin  directory of Slurm's commands, where PATH lacks them (at most one)
#           partition  where to try, in this order (at least one)
#           account    to charge; the user's default where it is not given
#           share      a directory in which an empty file is made, looked for on the node, and removed (any number)
# stdout: one section as probe.sh prints them, called "node"
set -u
LC_ALL=C
export LC_ALL
umask 077

marker=
account=
partitions=
shares=
while IFS=' ' read -r key value; do
  case $key in
    marker) marker=$value ;;
    slurm_bin) PATH=$value:$PATH ;;
    partition) partitions="$partitions$value
" ;;
    account) account=$value ;;
    share) shares="$shares$value
" ;;
    end) break ;;
  esac
done
export PATH
name=hs-look-$marker

clean() {
  trap - EXIT
  timeout 10 scancel --quiet --name="$name" </dev/null >/dev/null 2>&1
  printf '%s' "$shares" | while IFS= read -r directory; do
    rm -f "$directory/.$name"
  done
}
trap clean EXIT
trap 'exit 143' HUP INT TERM PIPE

printf '%s' "$shares" | while IFS= read -r directory; do
  # shellcheck disable=SC2016 # expanded by the inner shell
  timeout 3 sh -c ': >"$1"' sh "$directory/.$name" 2>/dev/null
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
  set --
  while IFS= read -r directory; do
    set -- "$@" "$directory"
  done <<END
$(printf '%s' "$shares")
END
  while IFS= read -r partition; do
    [ -n "$partition" ] || continue
    printf 'partition=%s\n' "$partition"
    timeout -k 3 12 srun --partition="$partition" ${account:+--account="$account"} --job-name="$name" \
      --nodes=1 --ntasks=1 --cpus-per-task=1 --mem=200M --time=1 --immediate=5 --mpi=none --chdir=/ \
      sh -c "$on_node" sh "$name" "$@" </dev/null && return 0
    # A srun that was killed may have left its job in the queue.
    timeout 10 scancel --quiet --name="$name" </dev/null >/dev/null 2>&1
  done <<END
$(printf '%s' "$partitions")
END
  return 1
}

printf '\n%s begin node\n' "$marker"
{ errors=$(look 2>&1 >&3 3>&-); } 3>&1
status=$?
printf '\n%s errors\n%.4000s\n%s end %s\n\n%s done\n' "$marker" "$errors" "$marker" "$status" "$marker"

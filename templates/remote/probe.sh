# Reads what a Slurm cluster has, on its login host. It writes nothing there and fails as a whole for nothing: a
# program that is missing, slow or refused costs its own section only.
#
# Set before:  mark  a word that no program prints; it frames the sections
#              root  a directory that hpc-serve may use, or nothing
#              $@    directories to look for images and weights in, first
#              bounded.sh
# Prints, on stdout and on stderr, "<mark> <section> [argument]" before each section and "<mark> end <status>" after it
# (124: took too long, 127: there is no such program), and at last "<mark> finished".
set -u
umask 077

search=$(printf '%s\n' "$@")

begun=$(date +%s)

# section NAME SECONDS COMMAND…: all sections together are given 75 s.
section() {
  begin "$1"
  limit=$2
  shift 2
  if [ $(($(date +%s) - begun)) -gt 75 ]; then
    status=124
  else
    bounded "$limit" "$@"
    status=$?
  fi
  begin end "$status"
}

# The PATH, the modules and the directories of a site are often set for login shells only.
# shellcheck disable=SC2016 # expanded by the login shell
login_shell='
  printf "path=%s\n" "$PATH"
  for program in scontrol apptainer singularity enroot; do
    found=$(command -v "$program" 2>/dev/null) && printf "program=%s %s\n" "$program" "$found"
  done
  env | grep -E "^[A-Z][A-Z0-9_]*=/" |
    grep -E "^[A-Z0-9_]*(SCRATCH|WORK|PROJ|PROJECT|PROJECTS|STORE|STORAGE|VAULT|GROUP_HOME|DATA|FAST|HF_HOME|HF_HUB_CACHE|MODELS|IMAGES)[A-Z0-9_]*=" |
    grep -Ev "^(XDG|SSH|DBUS|LMOD|MODULE)" | head -n 40 | sed "s/^/variable=/"
  if command -v module >/dev/null 2>&1; then
    echo modules=yes
    module -t avail 2>&1 | grep -iE "cuda|cudnn|nccl|ucx|rocm|nvhpc|apptainer|singularity|enroot|openmpi|squashf" |
      head -n 400 | sed "s/^/module=/"
    if ! command -v apptainer >/dev/null 2>&1 && ! command -v singularity >/dev/null 2>&1; then
      for name in apptainer singularity; do
        module load "$name" >/dev/null 2>&1 || continue
        found=$(command -v "$name" 2>/dev/null) || continue
        printf "loaded=%s %s %s\n" "$name" "$found" "$("$name" --version 2>/dev/null | head -n 1)"
      done
    fi
  fi
'
login=$(bounded 25 bash -lc "$login_shell" 2>/dev/null)
section login-shell 2 printf '%s\n' "$login"

variables=$(printf '%s\n' "$login" | sed -n 's/^variable=[A-Z0-9_]*=//p')
slurm_bin=
if ! command -v scontrol >/dev/null 2>&1; then
  found=$(printf '%s\n' "$login" | sed -n 's/^program=scontrol //p')
  for candidate in "$found" /opt/slurm/bin/scontrol /usr/local/slurm/bin/scontrol /opt/slurm/current/bin/scontrol \
    /cm/shared/apps/slurm/current/bin/scontrol /usr/local/bin/scontrol /opt/software/slurm/bin/scontrol; do
    case $candidate in
      /*)
        if [ -x "$candidate" ]; then
          slurm_bin=${candidate%/*}
          PATH=$slurm_bin:$PATH
          export PATH
          break
        fi
        ;;
    esac
  done
fi

user=$(id -un 2>/dev/null) || user=${USER:-${LOGNAME:-}}
home=${HOME:-}

identity() {
  printf 'user=%s\nhome=%s\ngroups=%s\nhost=%s\nslurm_bin=%s\n' \
    "$user" "$home" "$(id -Gn 2>/dev/null)" "$(uname -n)" "$slurm_bin"
  printf 'zone_variable=%s\nzone_file=%s\nzone_link=%s\nzone_letters=%s\n' "${TZ:-}" \
    "$(head -n 1 /etc/timezone 2>/dev/null)" "$(readlink -f /etc/localtime 2>/dev/null)" "$(date +%Z)"
  command -v scrontab >/dev/null 2>&1 && echo scrontab=yes
}
begin identity
identity
begin end 0

section partitions 15 scontrol --all --oneliner show partition
if [ "$status" -ne 0 ]; then
  # Without a controller each of the rest would wait for it in vain.
  begin finished
  exit 0
fi
section version 10 scontrol --version
# Ten thousand nodes have ten megabytes of description; what is used of it is a fifth.
# shellcheck disable=SC2016 # awk's own variables
section nodes 20 sh -c 'scontrol --all --oneliner show node | awk "{
  line = \"\"
  for (i = 1; i <= NF; i++)
    if (\$i ~ /^(NodeName|CPUEfctv|CPUTot|AvailableFeatures|ActiveFeatures|Gres|RealMemory|MemSpecLimit|State|Partitions)=/)
      line = line \$i \" \"
  print line
}"'
section reservations 10 scontrol --oneliner show reservation
section config 10 scontrol show config
section mpi 10 sh -c 'srun --mpi=list 2>&1'
section srun-help 10 sh -c 'srun --help | grep -e --container-image'

# shellcheck disable=SC2016 # expanded by the inner shell
section runtimes 20 sh -c 'for program in apptainer singularity enroot; do
  found=$(command -v "$program" 2>/dev/null) || continue
  version=$("$program" --version </dev/null 2>/dev/null || "$program" version </dev/null 2>/dev/null)
  printf "%s %s %s\n" "$program" "$found" "$(printf "%s" "$version" | head -n 1)"
done'

# shellcheck disable=SC2016 # expanded by the inner shell
section programs 5 sh -c 'PATH=$PATH:/usr/local/bin:/opt/bin
for program in llama-server vllm trtllm-serve tritonserver text-generation-launcher ollama; do
  found=$(command -v "$program" 2>/dev/null) && printf "engine=%s %s\n" "$program" "$found"
done'

# Accounting: one database may hold several clusters. Where it hangs once, it is not asked again.
cluster=$(bounded 10 scontrol show config 2>/dev/null | sed -n 's/^ClusterName *= *//p')
section associations 10 sacctmgr --readonly --noheader --parsable2 show assoc "user=$user" \
  ${cluster:+"cluster=$cluster"} format=Account,Partition,QOS,DefaultQOS,MaxTRES,GrpTRES,MaxWall,MaxJobs,MaxSubmit
if [ "$status" -ne 124 ]; then
  section default-account 10 sacctmgr --readonly --noheader --parsable2 show user "$user" format=DefaultAccount
  section qos 10 sacctmgr --readonly --noheader --parsable2 show qos \
    format=Name,Priority,MaxWall,MaxTRES,MaxTRESPerUser,GrpTRES,MaxJobsPerUser,MaxSubmitJobsPerUser,Flags
  section qos-preempt 10 sacctmgr --readonly --noheader --parsable2 show qos format=Name,Preempt
fi
section sacct 10 sacct --allocations --noheader --parsable2 --starttime=now-1minutes --format=JobID

# disk SECONDS DIRECTORY: a dead file server blocks whoever touches it, so each directory has its own time.
# shellcheck disable=SC2016 # expanded by the inner shell
disk() {
  bounded "$1" sh -c '[ -d "$1" ] || exit 0
    printf "directory=%s\n" "$1"
    [ -w "$1" ] && [ -x "$1" ] && echo writable=yes
    df -PTk "$1" 2>/dev/null | tail -n 1 | sed "s/^/df=/"' sh "$2" 2>/dev/null || printf 'slow=%s\n' "$2"
}

# Where sites put what is shared: directories at the top that belong to no operating system, and other mounts. Nothing
# is touched here, so that a dead file server can't block.
bases() {
  for base in /* /mnt/*; do
    case $base in
      /bin | /boot | /dev | /etc | /home | /init | /lib* | /lost+found | /media | /mnt | '/mnt/*' | /proc | /root | /run | /sbin | /snap | /sys | /tmp | /usr | /var) ;;
      *) printf '%s\n' "$base" ;;
    esac
  done
  awk '$3 !~ /^(proc|sysfs|tmpfs|devtmpfs|devpts|cgroup2?|overlay|squashfs|autofs|mqueue|bpf|debugfs|tracefs|securityfs|pstore|hugetlbfs|configfs|fusectl|binfmt_misc|rpc_pipefs|nsfs|efivarfs|ramfs|fuse\.lxcfs|fuse\.portal)$/ &&
    $2 !~ /^\/(boot|dev|etc|proc|run|sys|tmp|usr|var|root)?(\/|$)/ { print $2 }' /proc/mounts 2>/dev/null | sed 's/\\040/ /g'
}
bases=$(bases | awk '!seen[$0]++' | head -n 40)

candidates() {
  printf '%s\n' "$home"
  [ -n "$root" ] && printf '%s\n%s\n' "$root" "${root%/*}"
  printf '%s\n' "$variables"
  printf '%s\n' "$bases" | while IFS= read -r base; do
    # shellcheck disable=SC2016 # expanded by the inner shell
    bounded 3 sh -c 'for own in "$1/$2" "$1"/*/"$2"; do [ -d "$own" ] && printf "%s\n" "$own"; done' sh "$base" "$user"
  done
  printf '%s\n' "$bases"
}

begin disks
disks_begun=$(date +%s)
candidates | awk 'NF && !seen[$0]++' | while IFS= read -r directory; do
  [ $(($(date +%s) - disks_begun)) -gt 15 ] && break
  disk 3 "$directory"
done
begin end 0

section quota 5 quota -w
# shellcheck disable=SC2016 # expanded by the inner shell
section lustre-quota 8 sh -c 'awk "\$3 == \"lustre\" { print \$2 }" /proc/mounts | head -n 5 | while IFS= read -r mount; do
  printf "mount=%s\n" "$mount"
  lfs quota -q -u "$1" "$mount"
done' sh "$user"

# find_files SECONDS DEPTH, directories on stdin: paths of images and of the files that weights consist of.
find_files() {
  limit=$1
  depth=$2
  set --
  while IFS= read -r directory; do
    case $directory in /*) set -- "$@" "$directory/" ;; esac
  done
  [ $# -gt 0 ] || return 0
  bounded "$limit" find "$@" -xdev -maxdepth "$depth" \
    \( -name '.?*' -o -name proc -o -name node_modules -o -name deployments \) -prune -o \
    \( -type f -o -type l \) \( -name '*.sif' -o -name '*.gguf' -o -name config.json -o -name 'model*.safetensors' -o -name 'consolidated*.safetensors' \) \
    -print 2>/dev/null | head -n 2000
}

# below DIRECTORY…: where images and weights are usually kept in it.
below() {
  for base in "$@"; do
    [ -n "$base" ] || continue
    for name in images models containers weights sif singularity apptainer llm llms hub huggingface hpc-serve; do
      printf '%s\n' "$base/$name"
    done
  done
}

likely_places() {
  printf '%s\n' "$search"
  below "$root" "$home/hpc-serve" "$home" "$home/.cache/huggingface"
  printf '%s\n%s\n' "$variables" "$bases" | while IFS= read -r base; do below "$base"; done
  printf '%s\n' /images /models
}

unlikely_places() {
  printf '%s\n%s\n%s\n' "$home" "$variables" "$bases"
}

begin files
files=$(
  likely_places | awk 'NF && !seen[$0]++' | find_files 7 5
  unlikely_places | awk 'NF && !seen[$0]++' | find_files 4 3
)
files=$(printf '%s\n' "$files" | awk 'NF { gsub(/\/\/+/, "/") } NF && !seen[$0]++')
printf '%s\n' "$files"
begin end 0

# What an image says about itself, where a runtime is at hand.
runtime=$(command -v apptainer 2>/dev/null || command -v singularity 2>/dev/null)
if [ -n "$runtime" ]; then
  labels_begun=$(date +%s)
  printf '%s\n' "$files" | grep '\.sif$' | head -n 20 | while IFS= read -r image; do
    [ $(($(date +%s) - labels_begun)) -gt 10 ] && break
    section "labels $image" 5 "$runtime" inspect --json "$image"
  done
fi

begin finished

# shellcheck shell=bash
# What do all hosts share? Users, name resolution, the file systems with homes, models and images, Slurm's configuration.

USERS=(alice:2001 bob:2002 operator:2003)

prepare_shared() {
  local etc=$STATE/etc
  mkdir -p "$etc/slurm" "$STATE/shared" "$STATE/ssh"
  write_users "$etc"
  write_hosts_file >"$etc/hosts"
  cp "$ROOT/usr/share/zoneinfo/$VARIANT_TIME_ZONE" "$etc/localtime"
  printf '%s\n' "$VARIANT_TIME_ZONE" >"$etc/timezone"
  (umask 077 && head -c 1024 /dev/urandom >"$etc/munge.key")
  make_shares
  make_homes
  install_models
  write_slurm_conf
}

write_users() { # dir
  local user id
  cp "$ROOT"/etc/{passwd,group,shadow} "$1/"
  echo 'hpc:x:2000:' >>"$1/group"
  for user in "${USERS[@]}"; do
    id=${user#*:} user=${user%:*}
    echo "$user:x:$id:2000:$user:$VARIANT_HOME/$user:/bin/bash" >>"$1/passwd"
    echo "$user:*:20000:0:99999:7:::" >>"$1/shadow"
  done
}

write_hosts_file() {
  local host
  echo '127.0.0.1 localhost'
  while read -r host; do
    echo "$(host_address "$host") $host"
  done < <(host_names)
}

# The directory on this machine behind a path that the hosts see.
behind() { # path
  local share path
  for share in "${VARIANT_SHARES[@]}"; do
    path=${share#*:}
    case $1/ in "$path"/*)
      echo "$STATE/shared/${share%%:*}${1#"$path"}"
      return
      ;;
    esac
  done
}

make_shares() {
  local share user scratch
  for share in "${VARIANT_SHARES[@]}"; do
    mkdir -p "$STATE/shared/${share%%:*}"
  done
  scratch=$(behind "$VARIANT_SCRATCH")
  mkdir -p "$scratch" "$(behind "$VARIANT_IMAGES")" "$(behind "$VARIANT_MODELS")" "$STATE/shared/opt/"{bin,llama.cpp-root}
  chmod 1777 "$scratch"
  for user in "${USERS[@]}"; do
    install -d -m 700 -o "${user#*:}" -g 2000 "$scratch/${user%:*}"
  done
  install -m 755 "$SANDBOX_SOURCE/llama-server" "$STATE/shared/opt/bin/llama-server"
}

# Homes with an ssh key that opens every host of the cluster from inside, as most clusters have it.
make_homes() {
  local user id home
  [ -e "$STATE/ssh/id_ed25519" ] || ssh-keygen -q -t ed25519 -N '' -C "hpc-serve sandbox $NAME" -f "$STATE/ssh/id_ed25519"
  for user in "${USERS[@]}"; do
    id=${user#*:} user=${user%:*}
    home=$(behind "$VARIANT_HOME/$user")
    mkdir -p "$home/.ssh"
    cp -r "$ROOT/etc/skel/." "$home/"
    [ -e "$home/.ssh/id_ed25519" ] || ssh-keygen -q -t ed25519 -N '' -C "$user@$NAME" -f "$home/.ssh/id_ed25519"
    cat "$home/.ssh/id_ed25519.pub" "$STATE/ssh/id_ed25519.pub" >"$home/.ssh/authorized_keys"
    chown -R "$id:2000" "$home"
    chmod 700 "$home" "$home/.ssh"
    chmod 600 "$home/.ssh/authorized_keys"
  done
}

install_models() {
  local source model models
  models=$(behind "$VARIANT_MODELS")
  for source in "$SANDBOX_SOURCE"/models/*; do
    model=$(basename "$source")
    mkdir -p "$models/$model"
    cp "$source"/* "$models/$model/"
    cp "$SANDBOX_SOURCE/STAND-IN.txt" "$models/$model/STAND-IN.txt"
    node "$SANDBOX_SOURCE/tiny-model.mjs" "$models/$model/model.gguf" "$model"
  done
}

write_slurm_conf() {
  local dir=$STATE/etc/slurm credentials=CredType=cred/munge mpi=pmix scron='ScronParameters=enable' accounting
  case $SUITE in
    bookworm) credentials=CryptoType=crypto/munge scron= ;;
    sid) mpi=none ;; # its mpi/pmix plugin is not packaged
  esac
  accounting=$(accounting_lines)
  fill_template "$SANDBOX_SOURCE/slurm.conf.in" CLUSTER "$NAME" MGMT "$(host_address mgmt)" CREDENTIALS "$credentials" MPI "$mpi" \
    SCRON "$scron" ACCOUNTING "$accounting" >"$dir/slurm.conf"
  { node_lines && partition_lines; } >>"$dir/slurm.conf"
  gres_lines >"$dir/gres.conf"
  if [ "$VARIANT_ACCOUNTING" = yes ]; then
    install -m 600 -o "$(user_id slurm)" "$SANDBOX_SOURCE/slurmdbd.conf" "$dir/slurmdbd.conf"
  fi
  if [ "$SUITE" = bookworm ]; then
    printf 'CgroupPlugin=cgroup/v1\nCgroupAutomount=no\n' >"$dir/cgroup.conf"
  else
    printf 'CgroupPlugin=disabled\n' >"$dir/cgroup.conf"
  fi
}

user_id() { awk -F: -v user="$1" '$1 == user { print $3 }' "$ROOT/etc/passwd"; } # user

accounting_lines() {
  if [ "$VARIANT_ACCOUNTING" = yes ]; then
    printf 'AccountingStorageType=accounting_storage/slurmdbd\nAccountingStorageHost=mgmt\n'
    printf 'AccountingStorageEnforce=associations,limits,qos\nAccountingStorageTRES=%s\n' "$(tres_list)"
  elif [ "$SUITE" = bookworm ]; then
    printf 'AccountingStorageType=accounting_storage/none\n'
  fi
}

fill_template() { # file (KEY value)...
  local text
  text=$(<"$1")
  shift
  while [ $# -gt 0 ]; do
    text=${text//"@$1@"/"$2"}
    shift 2
  done
  printf '%s\n' "$text"
}

# shellcheck shell=bash
# Can this machine run a sandbox at all?

ELSEWHERE='any Slurm login host that you can reach with ssh serves instead (hpc-serve init HOST)'

check_machine() {
  [ "$(id -u)" = 0 ] || refuse "the sandbox needs root, to make namespaces and mounts; $ELSEWHERE"
  [ "$(uname -s)" = Linux ] || refuse "the sandbox needs Linux; $ELSEWHERE"
  is_debian || refuse "the sandbox needs Debian or Ubuntu, to install Slurm from packages; $ELSEWHERE"
  unshare --mount --uts --ipc --pid --net --fork true 2>/dev/null ||
    refuse "the sandbox needs to make namespaces, and this machine does not allow it; $ELSEWHERE"
  grep -qw overlay /proc/filesystems || modprobe overlay 2>/dev/null ||
    refuse "the sandbox needs the overlay file system, and this kernel has none; $ELSEWHERE"
  unshare --mount bash -c 'mount -t tmpfs none /mnt && mknod /mnt/null c 1 3 && echo >/mnt/null' 2>/dev/null ||
    refuse "the sandbox needs to mount file systems and make device nodes, and this machine does not allow it; $ELSEWHERE"
}

is_debian() {
  grep -qsE '^ID(_LIKE)?=.*\bdebian\b' /etc/os-release && command -v apt-get >/dev/null
}

# A host's root is an overlay whose upper layer lies here; not every file system can carry one.
check_file_system() {
  local probe=$STATE/probe
  mkdir -p "$probe"/{lower,upper,work,root}
  unshare --mount mount -t overlay overlay -o "lowerdir=$probe/lower,upperdir=$probe/upper,workdir=$probe/work" "$probe/root" 2>/dev/null ||
    refuse "the file system of $STATES cannot carry overlays; set XDG_STATE_HOME to a directory on a local disk, or: $ELSEWHERE"
  rm -rf --one-file-system "$probe"
}

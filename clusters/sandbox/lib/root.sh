# shellcheck shell=bash
# What is a host's file system made of? A Debian root per suite, built once and cached by its recipe.

bootstrap() { # target suite package-list-file
  local target=$1 suite=$2 work=$1.apt
  mkdir -p "$work"
  write_apt_options "$work/options" "$suite"
  with_keys "$work/log" run_mmdebstrap "$@" "$work/options"
  rm -rf "$work"
}

run_mmdebstrap() { # target suite package-list-file apt-options
  rm -rf --one-file-system "$1"
  mmdebstrap --mode=root --variant=essential --format=directory --keyring="$KEYRING" \
    --aptopt="$4" --dpkgopt=force-unsafe-io \
    --dpkgopt='path-exclude=/usr/share/doc/*' --dpkgopt='path-exclude=/usr/share/man/*' \
    --dpkgopt='path-exclude=/usr/share/locale/*' \
    --include="$(paste -sd, "$3")" "$2" "$1" "$MIRROR"
}

build_root() { # target suite
  local target=$1 suite=$2
  bootstrap "$target" "$suite" "$SANDBOX_SOURCE/packages/$suite"
  case $suite in
    trixie) add_apptainer "$target" ;;
    bookworm) link_pmix "$target" ;;
  esac
  rm -f "$target"/etc/ssh/ssh_host_* "$target/etc/munge/munge.key"
  rm -f "$target/etc/resolv.conf" # it may be a link, and then to this machine's
  : >"$target/etc/resolv.conf"
  : >>"$target/etc/hosts" # sid has none, and Apptainer builds nothing without
  sed -i 's/^hosts:.*/hosts: files/' "$target/etc/nsswitch.conf"
  mkdir -p "$target"/{scratch,opt,run/sshd}
}

# trixie has no Apptainer; sid's package needs nothing that trixie lacks.
add_apptainer() { # root
  local work=$1.sid
  with_keys "$1.log" suite_apt "$work" sid update
  suite_apt "$work" sid download apptainer
  cp "$work"/apptainer_*.deb "$1/root/apptainer.deb"
  chroot "$1" /usr/bin/env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin dpkg --force-unsafe-io -i /root/apptainer.deb
  rm -rf "$1/root/apptainer.deb" "$1.log" "$work"
}

# 22.05's mpi/pmix opens libpmix.so, which only the -dev package links.
link_pmix() { # root
  local dir
  for dir in "$1"/usr/lib/*/pmix2/lib; do
    [ -e "$dir/libpmix.so" ] || ln -s libpmix.so.2 "$dir/libpmix.so"
  done
}

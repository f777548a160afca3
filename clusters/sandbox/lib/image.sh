# shellcheck shell=bash
# What engine can jobs run? llama.cpp's llama-server from sid: as a directory, and as a SIF for Apptainer.

build_engine() { # target
  bootstrap "$1" sid "$SANDBOX_SOURCE/packages/engine"
  rm -rf "$1"/var/cache/* "$1"/var/log/*
  mkdir -p "$1/.singularity.d" "$1"/{models,opt,scratch}
  local version
  version=$(engine_version "$1")
  cat >"$1/.singularity.d/labels.json" <<JSON
{
  "org.hpc-serve.engine": "llamacpp",
  "org.hpc-serve.engine.version": "$version",
  "org.opencontainers.image.title": "llama.cpp llama-server",
  "org.opencontainers.image.version": "$version"
}
JSON
  printf '#!/bin/sh\nexec llama-server "$@"\n' >"$1/.singularity.d/runscript"
  chmod +x "$1/.singularity.d/runscript"
}

engine_version() { # dir
  awk '$1 == "Package:" { found = $2 == "llama.cpp-tools" } found && $1 == "Version:" { gsub(/^[0-9]*:|[+-].*/, "", $2); print $2; exit }' \
    "$1/var/lib/dpkg/status"
}

# The SIF is packed by the Apptainer of a host's root; zstd packs and opens several times faster than gzip.
build_sif() { # target engine-dir root
  local target=$1 engine=$2 root=$3
  mount --bind "$root" "$root"
  mount -t tmpfs none "$root/tmp"
  mount -t proc proc "$root/proc"
  mount --rbind /dev "$root/dev"
  mkdir -p "$root/tmp/engine" "$root/tmp/out" "$(dirname "$target")"
  mount --bind "$engine" "$root/tmp/engine"
  mount --bind "$(dirname "$target")" "$root/tmp/out"
  chroot "$root" /usr/bin/env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/tmp \
    apptainer -s build --force --mksquashfs-args '-comp zstd -Xcompression-level 3' "/tmp/out/$(basename "$target")" /tmp/engine
  chmod 644 "$target"
}

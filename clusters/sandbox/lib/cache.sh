# shellcheck shell=bash
# What is built once and kept, under which name, and when does it go?

recipe_key() { # file...: the same recipe, mirror and architecture give the same key
  { cat -- "$@" && printf '%s\n' "$MIRROR" && dpkg --print-architecture; } | sha256sum | cut -c1-12
}

root_dir() { # suite
  echo "$CACHE/roots/$1-$(recipe_key "$SANDBOX_SOURCE/lib/root.sh" "$SANDBOX_SOURCE/packages/$1")"
}

engine_dir() {
  echo "$CACHE/images/llama.cpp-$(recipe_key "$SANDBOX_SOURCE"/lib/{root,image}.sh "$SANDBOX_SOURCE/packages/engine")"
}

# Builds a thing of the cache in a directory beside it and renames it when it is whole.
build_once() { # target builder arguments...
  local target=$1 builder=$2
  shift 2
  [ ! -e "$target" ] || return 0
  lock_dir 8 "$target.lock" "$(basename "$target")"
  if [ ! -e "$target" ]; then
    rm -rf --one-file-system "$target.new"
    "$builder" "$target.new" "$@"
    mv -T "$target.new" "$target"
  fi
  unlock 8
}

# Renamed first: a removal that is killed must not leave half a root under a name that may be used again.
remove_cached() { # path
  mv -T "$1" "$1.gone.$$"
  rm -rf --one-file-system "$1".gone.*
}

# Removes cached things whose recipe is no longer the current one, unless some host has them mounted.
prune_cache() {
  local path
  for path in "$CACHE"/roots/*-????????????* "$CACHE"/images/*-????????????*; do
    case $path in
      *.lock | *.new | *.apt) continue ;;
      *.gone.*) rm -rf --one-file-system "$path" && continue ;;
    esac
    [ -e "$path" ] || continue
    case $path in "$ENGINE" | "$SIF" | "$(root_dir bookworm)" | "$(root_dir trixie)" | "$(root_dir sid)") continue ;; esac
    [ -z "$(find "$path" -maxdepth 0 -mmin +60)" ] && continue
    grep -qsF "$path" /proc/[0-9]*/mountinfo "$STATES"/*/settings && continue
    remove_cached "$path"
    rm -rf "$path.lock"
  done
}

# shellcheck shell=bash
# Where do Debian's packages come from? From where this machine takes them.

# The site of this machine's first Debian archive that is not a security archive.
debian_mirror() {
  if [ -n "${HPC_SERVE_DEBIAN_MIRROR:-}" ]; then
    printf '%s\n' "$HPC_SERVE_DEBIAN_MIRROR"
    return
  fi
  # shellcheck disable=SC2016 # apt-get replaces these
  apt-get indextargets --format '$(ORIGIN) $(COMPONENT) $(RELEASE) $(SITE)' 'Identifier: Packages' 2>/dev/null |
    awk '$1 == "Debian" && $2 == "main" && $3 !~ /security|updates|backports/ && !found { print $4; found = 1 }'
}

need_mirror() {
  MIRROR=$(debian_mirror)
  if [ -z "$MIRROR" ]; then
    note 'asking apt for its package lists'
    guarded_apt update >"$LOGS/apt-update.log" 2>&1 || true
    MIRROR=$(debian_mirror)
  fi
  [ -n "$MIRROR" ] ||
    refuse "apt on this machine knows no Debian archive; name one in HPC_SERVE_DEBIAN_MIRROR, or $ELSEWHERE"
}

# This machine's own way to the mirror (proxy, certificates, retries, clock checks), for a new root.
write_apt_options() { # file suite
  apt-config dump | grep -E '^Acquire::(https?|ftp|Retries|Check-|Force|AllowInsecure|GzipIndexes)' >"$1" || true
  printf 'Acquire::Languages "none";\n' >>"$1"
  # a frozen mirror keeps a Release file of sid that has expired; its signature is checked all the same
  [ "$2" != sid ] || printf 'Acquire::Check-Valid-Until "false";\n' >>"$1"
}

# apt-get for another suite than this machine's, with its lists in a directory of its own.
suite_apt() { # dir suite apt-get arguments
  local dir=$1 suite=$2
  shift 2
  mkdir -p "$dir/lists/partial" "$dir/archives/partial"
  : >>"$dir/status"
  printf 'deb [signed-by=%s] %s %s main\n' "$KEYRING" "$MIRROR" "$suite" >"$dir/sources.list"
  write_apt_options "$dir/options" "$suite"
  (cd "$dir" && APT_CONFIG=$dir/options apt-get -q -o "Dir::Etc::sourcelist=$dir/sources.list" -o Dir::Etc::sourceparts=/dev/null \
    -o "Dir::State::lists=$dir/lists" -o "Dir::State::status=$dir/status" -o "Dir::Cache=$dir" \
    -o "Dir::Cache::archives=$dir/archives" -o APT::Sandbox::User=root "$@")
}

KEYRING=${HPC_SERVE_DEBIAN_KEYRING:-/usr/share/keyrings/debian-archive-keyring.gpg}

# Runs a command that verifies signatures; where it fails for want of a key, once more with a newer keyring.
with_keys() { # log command...
  local log=$1
  shift
  if "$@" 2>&1 | tee "$log"; then return 0; fi
  grep -qE 'NO_PUBKEY|GPG error|is not signed|public key' "$log" || return 1
  newer_keyring "$CACHE/keyring" && "$@"
}

# An older keyring may not know who signs a newer suite. The newest keyring of this machine's own suite may, and apt
# verifies it with the keys that this machine trusts already. Signatures are never left unchecked.
newer_keyring() { # dir
  local deb file
  mkdir -p "$1"
  (cd "$1" && apt-get -q -o APT::Sandbox::User=root download debian-archive-keyring) || return 1
  for deb in "$1"/debian-archive-keyring_*.deb; do
    dpkg-deb --extract "$deb" "$1" || return 1
  done
  for file in "$1"/usr/share/keyrings/debian-archive-keyring.{pgp,gpg}; do
    [ -s "$file" ] || continue
    KEYRING=$file
    return 0
  done
  return 1
}

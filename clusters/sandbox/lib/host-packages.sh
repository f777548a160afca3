# shellcheck shell=bash
# What must be installed on this machine itself?

HOST_PROGRAMS=(mmdebstrap:mmdebstrap ip:iproute2 ss:iproute2 ssh:openssh-client ssh-keygen:openssh-client
  nsenter:util-linux setpriv:util-linux flock:util-linux socat:socat node:nodejs)

install_host_packages() {
  local pair packages=()
  for pair in "${HOST_PROGRAMS[@]}"; do
    command -v "${pair%%:*}" >/dev/null || packages+=("${pair##*:}")
  done
  [ -s /usr/share/keyrings/debian-archive-keyring.gpg ] || packages+=(debian-archive-keyring)
  [ ${#packages[@]} -gt 0 ] || return 0
  mapfile -t packages < <(printf '%s\n' "${packages[@]}" | sort -u)
  note "installing on this machine with apt-get: ${packages[*]}"
  local log=$LOGS/host-packages.log
  if ! { guarded_apt update && guarded_apt install --yes --no-install-recommends "${packages[@]}"; } >"$log" 2>&1; then
    show_log "$log"
    fail "apt-get could not install ${packages[*]}; install them and run this again"
  fi
}

# A dpkg run that was killed half-way is finished first; apt-get itself is left alone when this process dies.
guarded_apt() {
  dpkg --configure -a
  DEBIAN_FRONTEND=noninteractive apt-get -o DPkg::Lock::Timeout=120 "$@" 8>&- 9>&- </dev/null
}

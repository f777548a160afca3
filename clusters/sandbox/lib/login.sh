# shellcheck shell=bash
# How does this machine reach the cluster? At 127.0.0.1:PORT, by ssh, and in no other way.
# A listener accepts, and hands the accepted socket itself to an `sshd -i` inside the login host: nothing copies bytes.

KEY_TYPES=(ed25519 ecdsa rsa)

prepare_login() {
  make_host_keys
  write_sshd_config
  write_known_hosts
  write_ssh_config >"$STATE/ssh_config"
}

make_host_keys() {
  local kind type bits
  for kind in login node; do
    mkdir -p "$STATE/etc/ssh_$kind"
    for type in "${KEY_TYPES[@]}"; do
      bits=()
      [ "$type" != rsa ] || bits=(-b 2048) # made in a moment
      [ -e "$STATE/etc/ssh_$kind/ssh_host_${type}_key.pub" ] ||
        ssh-keygen -q -t "$type" "${bits[@]}" -N '' -C "$kind.$NAME" -f "$STATE/etc/ssh_$kind/ssh_host_${type}_key" <<<y >/dev/null
    done
  done
}

write_sshd_config() {
  cat >"$STATE/etc/sshd_config" <<'CONF'
PermitRootLogin no
PasswordAuthentication no
KbdInteractiveAuthentication no
UsePAM no
UseDNS no
PrintMotd no
X11Forwarding no
MaxStartups 200:30:400
MaxSessions 200
AcceptEnv LANG LC_*
Subsystem sftp internal-sftp
CONF
}

write_known_hosts() {
  local type host
  for type in "${KEY_TYPES[@]}"; do
    cut -d' ' -f1-2 "$STATE/etc/ssh_login/ssh_host_${type}_key.pub" | sed "s/^/[127.0.0.1]:$PORT,login,$(host_address login) /"
    while read -r host; do
      cut -d' ' -f1-2 "$STATE/etc/ssh_node/ssh_host_${type}_key.pub" | sed "s/^/$host,$(host_address "$host") /"
    done < <(node_names)
  done >"$STATE/known_hosts"
  cp "$STATE/known_hosts" "$STATE/etc/ssh_known_hosts"
}

# NAME is alice on the login host, NAME-bob and NAME-operator are the others; NAME-node1, … go through the login host.
write_ssh_config() {
  local user node
  ssh_host "$NAME" alice
  for user in bob operator; do
    ssh_host "$NAME-$user" "$user"
  done
  while read -r node; do
    printf 'Host %s-%s\n  HostName %s\n  User alice\n  ProxyJump %s\n' "$NAME" "$node" "$node" "$NAME"
    ssh_options
  done < <(node_names)
}

ssh_host() { # alias user
  printf 'Host %s\n  HostName 127.0.0.1\n  Port %s\n  User %s\n' "$1" "$PORT" "$2"
  ssh_options
}

ssh_options() {
  printf '  IdentityFile "%s"\n  IdentitiesOnly yes\n' "$STATE/ssh/id_ed25519"
  printf '  UserKnownHostsFile "%s"\n  GlobalKnownHostsFile /dev/null\n  StrictHostKeyChecking yes\n' "$STATE/known_hosts"
}

# The listener is also what holds the port; until the login host is there, it closes every connection.
start_listener() {
  [ -z "$(listener_processes)" ] || return 0
  (cd "$STATE" && marked listener socat "TCP-LISTEN:$PORT,bind=127.0.0.1,reuseaddr,fork,backlog=128" EXEC:./login-connect,nofork)
  local deadline=$((SECONDS + 15))
  until ss -Hltn "src = 127.0.0.1 and sport = :$PORT" | grep -q .; do
    ((SECONDS < deadline)) || { show_log "$LOGS/listener.log" && fail "nothing can listen on 127.0.0.1:$PORT"; }
    sleep 0.05
  done
  [ -n "$(listener_processes)" ] || fail "port $PORT on 127.0.0.1 is in use; choose another with --port"
}

await_listener() {
  local deadline=$((SECONDS + 20))
  until listener_answers; do
    ((SECONDS < deadline)) || { show_log "$LOGS/listener.log" && fail "the login host does not answer on 127.0.0.1:$PORT"; }
    sleep 0.1
  done
}

listener_processes() {
  local pid
  for pid in $(marked_processes); do
    [ "$(cat "/proc/$pid/comm" 2>/dev/null)" = socat ] && echo "$pid"
  done
  true
}

# True when an ssh server of ours says hello.
listener_answers() {
  local hello=''
  [ -n "$(listener_processes)" ] || return 1
  { exec 7<>"/dev/tcp/127.0.0.1/$PORT"; } 2>/dev/null || return 1
  read -rt 5 -u 7 hello || true
  exec 7>&-
  [[ $hello == SSH-2.0-* ]]
}

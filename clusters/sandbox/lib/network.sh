# shellcheck shell=bash
# How do the hosts reach each other, and nobody else? A bridge in a namespace of its own, with no way to this machine.

# Each sandbox has its own subnet, though none is routed: that lets this machine refuse it by name (see close_route).
choose_subnet() {
  local base index
  for base in 10.91 10.191 172.27; do
    for ((index = 1; index <= 250; index++)); do
      SUBNET=$base.$index
      grep -qsx "SUBNET=$SUBNET" "$STATES"/*/settings && continue
      ip -4 route show table all match "$SUBNET.0/24" | grep -qv '^default' && continue
      ip -4 route show table all root "$SUBNET.0/24" | grep -q . && continue
      return 0
    done
  done
  fail 'no free subnet among 10.91, 10.191 and 172.27'
}

choose_port() {
  if [ -n "$PORT" ]; then
    port_is_free "$PORT" || fail "port $PORT on 127.0.0.1 is in use; choose another with --port"
    return
  fi
  for ((PORT = 2222; PORT < 2722; PORT++)); do
    port_is_free "$PORT" && return
  done
  fail 'no free port from 2222 to 2721 on 127.0.0.1'
}

port_is_free() { ! grep -qsx "PORT=$1" "$STATES"/*/settings && ! ss -Hltn "sport = :$1" | grep -q .; }

# Without this, a connection to a node's address would leave by the default route, and some gateways accept anything.
close_route() {
  route_is_closed || ip -4 route add unreachable "$SUBNET.0/24" ||
    note "this machine's kernel takes no 'unreachable' route; a connection to $SUBNET.x leaves by the default route"
}

route_is_closed() { ip -4 route show exact "$SUBNET.0/24" | grep -q '^unreachable'; }

remove_route() {
  [ -n "${SUBNET:-}" ] || return 0
  while ip -4 route del unreachable "$SUBNET.0/24" 2>/dev/null; do :; done
}

connect_switch() {
  local switch=${HOST_PID[switch]}
  nsenter -t "$switch" -n ip link show br0 >/dev/null 2>&1 ||
    nsenter -t "$switch" -n ip -batch - <<<$'link add br0 type bridge\nlink set br0 up\nlink set lo up'
}

connect_host() { # host
  local pid=${HOST_PID[$1]} switch=${HOST_PID[switch]}
  if ! nsenter -t "$pid" -n ip link show eth0 >/dev/null 2>&1; then
    nsenter -t "$switch" -n ip link del "v-$1" 2>/dev/null || true
    ip link add name eth0 netns "$pid" type veth peer name "v-$1" netns "$switch"
  fi
  nsenter -t "$switch" -n ip link set "v-$1" master br0 up
  nsenter -t "$pid" -n ip -batch - <<<"link set lo up
addr replace $(host_address "$1")/24 dev eth0
link set eth0 up"
}

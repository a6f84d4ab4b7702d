# shellcheck shell=bash disable=SC2154  # dir, nodes, workers, sockets … are the caller's
# haproxy: an HAProxy of our own, from etc/haproxy.cfg: what stands there between `# begin: NAME` and `# end: NAME`
# is replaced by this machine's, all else is taken as it is. Master-worker, so that `kill -USR2 PID` reloads it.

haproxy_servers() {
  local i
  for ((i = 1; i <= nodes; i++)); do
    echo "    server $(node_name "$i") 127.0.0.1:$(proxy_port "$i") agent-port $(agent_port "$i")"
  done
}

haproxy_web_servers() {
  local i name
  for ((i = 1; i <= nodes; i++)); do
    name=$(node_name "$i")
    echo "    server $name unix@$(web_socket "$name") agent-addr 127.0.0.1 agent-port $(agent_port "$i")"
  done
}

haproxy_configure() {
  local limit maxconn
  limit=$(ulimit -Hn)
  [[ $limit != unlimited ]] || limit=1000000
  maxconn=$(((limit - 500) / 2 > 50000 ? 50000 : (limit - 500) / 2))
  process="    log stderr format timed local0 notice
    stats socket $sockets/haproxy.sock mode 600 level admin expose-fd listeners
    maxconn $maxconn" \
  chat="    bind 127.0.0.1:$chat_port" stats="    bind 127.0.0.1:$stats_port" servers=$(haproxy_servers) \
  web="    bind 127.0.0.1:$web_port" web_servers=$(haproxy_web_servers) \
    awk 'BEGIN { print "# made by scripts/quickstart from etc/haproxy.cfg at every start" }
      /^ *# begin: / { print ENVIRON[$3]; blocks++; skip = 1 }
      !skip
      /^ *# end: / { skip = 0 }
      END { exit blocks != 6 || skip }' "$top/etc/haproxy.cfg" >"$dir/haproxy.cfg" ||
    die "etc/haproxy.cfg has lost one of its six blocks"
}

# haproxy_view [BACKEND]: a line for each node, what HAProxy thinks of it: NAME STATUS CHECK
haproxy_view() {
  http_get "$stats_port" '/stats;csv' | awk -F, -v backend="${1:-nodes}" '
    /^# / { sub(/^# /, ""); for (i = 1; i <= NF; i++) column[$i] = i; next }
    $column["pxname"] == backend && $column["svname"] ~ /^node-/ {
      check = $column["check_status"]; sub(/^\* /, "", check)  # "* ": the next one is on its way
      print $column["svname"], $column["status"], check == "" ? "-" : check }'
}

# Up is not enough: before its first check a server counts as up.
haproxy_healthy() {
  local backend
  for backend in nodes web; do
    [[ $(haproxy_view "$backend" | grep -c '^node-[a-z] UP.* L7OK$') == "$nodes" ]] || return 1
  done
}

haproxy_up() {
  haproxy_configure
  haproxy -c -q -f "$dir/haproxy.cfg" >"$dir/haproxy.log" 2>&1 ||
    die_with "$dir/haproxy.log" "HAProxy refuses its configuration"
  launch haproxy haproxy -W -f "$dir/haproxy.cfg"
  local tries=50
  until http_get "$stats_port" /stats >/dev/null; do
    if ! running haproxy || ((tries-- == 0)); then die_with "$dir/haproxy.log" "HAProxy does not start"; fi
    sleep 0.1
  done
}

haproxy_down() { end haproxy -- TERM 5; }

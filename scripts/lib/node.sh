# shellcheck shell=bash disable=SC2154  # dir, nodes, workers, sockets … are the caller's
# node: chatd's nodes, node-a to node-z: a configuration each, a master each, started as `chatd -c FILE`.

node_name() { printf 'node-%b\n' "\\x$(printf %x $((96 + $1)))"; }

node_names() {
  local i
  for ((i = 1; i <= nodes; i++)); do node_name "$i"; done
}

web_socket() { echo "$sockets/$1.web"; }  # NAME: where HAProxy brings browsers

node_configure() {  # NUMBER
  local name
  name=$(node_name "$1")
  cat >"$dir/$name.conf" <<END
# made by scripts/quickstart at every start; every directive is explained in man/chatd.conf.5
node = "$name"
worker_processes = $workers
error_log = "$dir/$name.log"
pid_file = "$dir/run/$name.pid"
listen "127.0.0.1:$(node_port "$1")" { }
listen "127.0.0.1:$(proxy_port "$1")" { proxy = true }
listen "unix:$(web_socket "$name")" { websocket = true proxy = true }
proxy_trusted = { "127.0.0.0/8", "unix" }
web_root = "$top/web"
agent_listen = "127.0.0.1:$(agent_port "$1")"
postgres = "$(pg_conninfo)"
redis "127.0.0.1:$redis_port" { }
END
}

node_up() {  # NUMBER
  local name
  name=$(node_name "$1")
  node_configure "$1"
  launch "$name" "$build/chatd" -c "$dir/$name.conf"
}

# node_check: all masters live, or the end
node_check() {
  local name
  while read -r name; do
    running "$name" || die_with "$dir/$name.log" "$name has ended"
  done < <(node_names)
}

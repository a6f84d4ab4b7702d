# shellcheck shell=bash disable=SC2154  # dir, nodes, workers, sockets … are the caller's
# redis: a Redis of our own. It keeps nothing on disk: what it knows is who listens now.

redis_configure() {
  cat >"$dir/redis.conf" <<END
# made by scripts/quickstart at every start
bind 127.0.0.1
port $redis_port
dir "$dir"
# Nothing is kept: a message's place is PostgreSQL.
save ""
appendonly no
# A dead machine's subscriptions look alive until its connection is given up.
tcp-keepalive 10
END
}

redis_healthy() {
  local answer=
  { exec {redis}<>"/dev/tcp/127.0.0.1/$redis_port"; } 2>/dev/null || return 1
  printf 'PING\r\n' >&"$redis"
  IFS= read -r -t 3 answer <&"$redis"
  exec {redis}>&-
  [[ $answer == +PONG* ]]
}

redis_up() {
  redis_configure
  launch redis redis-server "$dir/redis.conf"
  local tries=50
  until redis_healthy; do
    if ! running redis || ((tries-- == 0)); then die_with "$dir/redis.log" "Redis does not start"; fi
    sleep 0.1
  done
}

redis_down() { end redis -- TERM 10; }

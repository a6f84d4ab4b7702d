# shellcheck shell=bash
# ports: which part listens where, and who is in the way. All of it on 127.0.0.1.
#
# Sets the variables chat_port, web_port, stats_port, pg_port, redis_port and the functions node_port, proxy_port,
# agent_port of a node's number (1 = node-a). Opens nothing.
#
#                      without --port   with --port P
#   chat (HAProxy)     8000             P
#   web (HAProxy)      8080             P+4
#   HAProxy's page     8404             P+1
#   PostgreSQL         5532             P+2
#   Redis              6479             P+3
#   node-a, node-b …   6001, 6002 …     P+11, P+12 …      clients, without PROXY header
#                      6101, 6102 …     P+41, P+42 …      HAProxy, with PROXY header
#                      6201, 6202 …     P+71, P+72 …      HAProxy's agent check
#
# For browsers HAProxy comes to the nodes by unix sockets, beside its own.
# shellcheck disable=SC2034

set_ports() {  # P, or nothing
  if [[ ${1:-} ]]; then
    chat_port=$1 stats_port=$(($1 + 1)) pg_port=$(($1 + 2)) redis_port=$(($1 + 3)) web_port=$(($1 + 4))
    node_base=$(($1 + 10)) proxy_base=$(($1 + 40)) agent_base=$(($1 + 70))
  else
    chat_port=8000 web_port=8080 stats_port=8404 pg_port=5532 redis_port=6479
    node_base=6000 proxy_base=6100 agent_base=6200
  fi
}

node_port() { echo $((node_base + $1)); }
proxy_port() { echo $((proxy_base + $1)); }
agent_port() { echo $((agent_base + $1)); }

# first_taken PORT...: the first that can't be bound, and why; fails if all can. Perl without modules from CPAN
# is part of every Debian.
first_taken() {
  perl -MSocket -e '
    for my $port (@ARGV) {
      socket(my $s, PF_INET, SOCK_STREAM, 0) or die;
      setsockopt($s, SOL_SOCKET, SO_REUSEADDR, 1);
      next if bind($s, sockaddr_in($port, INADDR_LOOPBACK));
      print "$port $!\n";
      exit 0;
    }
    exit 1' "$@"
}

# holder PORT: ", held by PID (command)" if we may know it
holder() {
  local hex inode pid
  printf -v hex ':%04X' "$1"
  inode=$(awk -v p="$hex" '$4 == "0A" && substr($2, length($2) - 4) == p { print $10; exit }' \
    /proc/net/tcp /proc/net/tcp6 2>/dev/null)
  [[ $inode ]] || return 0
  pid=$(find /proc/[0-9]*/fd -lname "socket:\[$inode\]" 2>/dev/null | head -n 1 | cut -d/ -f3)
  [[ ! $pid ]] || printf ', held by process %s (%s)' "$pid" "$(tr '\0' ' ' <"/proc/$pid/cmdline" 2>/dev/null)"
}

# want_ports "NAME PORT"...: all free, or the end. What died a moment ago gets two seconds to let go of its own.
want_ports() {
  local want ports=() taken name tries=10
  for want in "$@"; do ports+=("${want#* }"); done
  [[ ${#ports[@]} -gt 0 ]] || return 0
  while taken=$(first_taken "${ports[@]}"); do
    if ((tries-- > 0)); then sleep 0.2; continue; fi
    for want in "$@"; do [[ ${want#* } != "${taken%% *}" ]] || name=${want% *}; done
    die "port ${taken%% *} is taken: $name wants it (${taken#* })$(holder "${taken%% *}"). Stop that, or choose another range: --port P"
  done
}

# http_get PORT PATH: a page of a server here, without its header
http_get() {
  local line body=
  { exec {web}<>"/dev/tcp/127.0.0.1/$1"; } 2>/dev/null || return 1
  printf 'GET %s HTTP/1.0\r\n\r\n' "$2" >&"$web"
  while IFS= read -r -t 3 line <&"$web"; do
    [[ ! $body ]] || printf '%s\n' "$line"
    [[ $line != $'\r' ]] || body=1
  done
  exec {web}>&-
}

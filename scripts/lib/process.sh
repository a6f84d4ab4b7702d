# shellcheck shell=bash disable=SC2154  # dir, nodes, workers, sockets … are the caller's
# process: the servers that we started, and only those.
#
# Each has a file run/NAME.process in $dir with its pid and its start (clock tick and boot), so that a pid which
# the kernel has given to somebody else since is never mistaken for ours. Nothing is ever stopped by its name.

# birth PID: when that process began; fails if there is none, or only its corpse
birth() {
  local stat field
  { read -r stat <"/proc/$1/stat"; } 2>/dev/null || return 1
  read -ra field <<<"${stat##*) }"
  [[ ${field[0]} != [ZX] ]] && echo "${field[19]}@$(</proc/sys/kernel/random/boot_id)"
}

# ours NAME: the pid of what we started by this name, if it still runs
ours() {
  local pid born
  { read -r pid born <"$dir/run/$1.process"; } 2>/dev/null || return 1
  [[ $(birth "$pid") == "$born" ]] && echo "$pid"
}

running() { ours "$1" >/dev/null; }

remember() {  # NAME PID
  local born
  started+=("$1")
  born=$(birth "$2") || return 1
  echo "$2 $born" >"$dir/run/$1.process"
}

# launch NAME COMMAND...: in a session of its own, so that no ^C here reaches it; its output goes to $dir/NAME.log
launch() {
  local name=$1
  shift
  launching=$name
  (ulimit -Sn "$(ulimit -Hn)" && exec setsid "$@") </dev/null >>"$dir/$name.log" 2>&1 9>&- &
  remember "$name" $!
  launching=
}

# An interruption may come between a start and its being remembered.
remember_last() { [[ ! ${launching:-} ]] || remember "$launching" $!; }

# write_pids NAME...: the file `pids`, of those that run
write_pids() {
  local name pid
  for name in "$@"; do pid=$(ours "$name") && echo "$name $pid"; done >"$dir/pids.new"
  mv "$dir/pids.new" "$dir/pids"
}

# signal SIGNAL NAME...
signal() {
  local signal=$1 name pid
  shift
  for name in "$@"; do
    pid=$(ours "$name") && kill -s "$signal" "$pid" 2>/dev/null
  done
  return 0
}

# gone SECONDS NAME...: waits for all of them to end
gone() {
  local tries=$(($1 * 10)) name left
  shift
  while :; do
    left=
    for name in "$@"; do ! running "$name" || left=1; done
    [[ $left ]] || return 0
    ((tries-- > 0)) || return 1
    sleep 0.1
  done
}

# end NAME... -- SIGNAL SECONDS...: each signal in turn to those that are left, KILL at last
end() {
  local names=()
  while [[ $1 != -- ]]; do names+=("$1"); shift; done
  shift
  while [[ $# -gt 0 ]]; do
    signal "$1" "${names[@]}"
    gone "$2" "${names[@]}" && break
    shift 2
  done
  local name
  for name in "${names[@]}"; do
    ! running "$name" || { warn "$name does not end: killed"; signal KILL "$name"; gone 5 "$name"; }
    rm -f "$dir/run/$name.process"
  done
}

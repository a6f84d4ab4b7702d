# shellcheck shell=bash disable=SC2034  # the tables are for those who source this
# packages: finds out which Debian packages are missing, and has them installed.
#
# Looks for the command, header or program that is needed, not for the package: whoever built libevent by hand
# needs no libevent-dev. Never installs by itself: scripts/lib/install does, as root.

# package, what it must give us
build_packages='
g++                cmd:g++
make               cmd:make
libpq-dev          cmd:pg_config header:libpq-fe.h
libevent-dev       header:event2/event.h
libhiredis-dev     header:hiredis/hiredis.h
libcjson-dev       header:cjson/cJSON.h
libconfuse-dev     header:confuse.h
libsodium-dev      header:sodium.h
libedit-dev        header:histedit.h
libwslay-dev       header:wslay/wslay.h
libboost-dev       header:boost/beast/http/parser.hpp
zlib1g-dev         header:zlib.h'
run_packages='
postgresql         server:postgres server:initdb server:psql
redis-server       cmd:redis-server
haproxy            cmd:haproxy
netcat-openbsd     cmd:nc'
test_packages='
perl               cmd:prove
git                cmd:git
clang-format       cmd:clang-format
shellcheck         cmd:shellcheck
mandoc             cmd:mandoc
faketime           cmd:faketime
python3            cmd:python3
nodejs             cmd:node
npm                cmd:npm
chromium           cmd:chromium'

# Where PostgreSQL's own programs are: beside the libpq we build against, or else the newest there is.
pg_bindir() {
  local dir
  dir=$(pg_config --bindir 2>/dev/null) && [[ -x $dir/initdb ]] && { printf '%s\n' "$dir"; return; }
  dir=$(printf '%s\n' /usr/lib/postgresql/*/bin/initdb | sort -V | tail -n 1)
  [[ -x $dir ]] && printf '%s\n' "${dir%/initdb}"
}

header_exists() {
  local dir
  for dir in /usr/include /usr/local/include /usr/include/*-linux-gnu "$(pg_config --includedir 2>/dev/null)"; do
    [[ -e $dir/$1 ]] && return
  done
  return 1
}

have() {  # cmd:NAME, header:PATH or server:PROGRAM
  case $1 in
    cmd:*) command -v "${1#*:}" >/dev/null ;;
    header:*) header_exists "${1#*:}" ;;
    server:*) local dir && dir=$(pg_bindir) && [[ -x $dir/${1#*:} ]] ;;
  esac
}

# missing_packages TABLE...: the packages whose things are not here, a line each
missing_packages() {
  local package probes probe
  while read -r package probes; do
    for probe in $probes; do
      have "$probe" || { printf '%s\n' "$package"; break; }
    done
  done < <(printf '%s\n' "$@" | sed '/^ *$/d')
}

# need_packages LOG TABLE...: afterwards everything is here, or the script has ended and said what to do
need_packages() {
  local log=$1 missing install here
  shift
  mapfile -t missing < <(missing_packages "$@")
  [[ ${#missing[@]} -gt 0 ]] || { done_ "nothing is missing"; return; }
  here=$(dirname "${BASH_SOURCE[0]}")
  install=("$(readlink -f "$here")/install" "${missing[@]}")
  command -v apt-get >/dev/null || die "not a Debian: please install what these packages hold: ${missing[*]}"
  printf 'installing %s ... ' "${missing[*]}"
  if [[ $(id -u) == 0 ]]; then
    "${install[@]}" >"$log" 2>&1 || die_with "$log" "apt-get failed"
  elif command -v sudo >/dev/null && sudo -n true 2>/dev/null; then
    # shellcheck disable=SC2024  # the log is the caller's
    sudo -n "${install[@]}" >"$log" 2>&1 || die_with "$log" "apt-get failed"
  else
    ! command -v sudo >/dev/null || install=(sudo "${install[@]}")
    warn "that needs root. Run this one command as root (it is \`apt-get install\`, starting no service), then this again:"
    printf '  %s\n' "$(printf '%q ' "${install[@]}" | sed 's/ $//')" >&2
    exit 1
  fi
  mapfile -t missing < <(missing_packages "$@")
  [[ ${#missing[@]} -eq 0 ]] || die_with "$log" "installed, but still not found: ${missing[*]}"
  done_ "done"
}

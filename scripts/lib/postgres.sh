# shellcheck shell=bash disable=SC2154  # dir, nodes, workers, sockets … are the caller's
# postgres: a PostgreSQL of our own in $dir/postgres, its socket in $sockets.
#
# Its superuser `postgres` comes by the socket alone, whose folder is ours alone; over the loopback there is only
# the role `chatd`, by password: whoever commands a PostgreSQL commands the account that it runs under.
# fsync and synchronous_commit stay on: chatd's promises rest on them.

pg_server() { "$scripts/lib/as-postgres" "$dir/postgres" "$sockets/postgres" -- "$@" 9>&-; }
pg_super() { "$(pg_bindir)/psql" -X -q -At -v ON_ERROR_STOP=1 -h "$sockets/postgres" -p "$pg_port" -U postgres "$@"; }
pg_conninfo() {
  echo "host=127.0.0.1 port=$pg_port user=chatd dbname=chatd password=$(<"$dir/postgres.password")"
}

pg_create() {
  local data=$dir/postgres/data
  [[ ! -e $data ]] || return 0
  rm -rf "$data.new"
  mkdir -p "$dir/postgres"
  pg_server "$(pg_bindir)/initdb" -D "$data.new" -U postgres --auth-local=trust --auth-host=scram-sha-256 \
    --encoding=UTF8 --locale=C.UTF-8 >"$dir/initdb.log" 2>&1 || die_with "$dir/initdb.log" "initdb failed"
  echo "include 'quickstart.conf'" >>"$data.new/postgresql.conf"
  mv "$data.new" "$data"
}

# Each worker holds four connections or so; during a reload old and new workers do.
pg_configure() {
  local each=$workers
  [[ $each != auto ]] || each=$(nproc)
  cat >"$dir/postgres/data/quickstart.conf" <<END
# made by scripts/quickstart at every start
listen_addresses = '127.0.0.1'
port = $pg_port
unix_socket_directories = '$sockets/postgres'
max_connections = $((nodes * each * 12 + 50))
fsync = on
synchronous_commit = on
END
}

# Its start takes a while; who was stopped meanwhile has not noted its pid. PostgreSQL has.
postgres_find() {
  local pid
  running postgres && return
  { read -r pid <"$dir/postgres/data/postmaster.pid"; } 2>/dev/null || return 0
  [[ $(tr '\0' ' ' 2>/dev/null <"/proc/$pid/cmdline") != *"-D $dir/postgres/data "* ]] || remember postgres "$pid"
}

# The role and the database, where they are missing.
postgres_fill() {
  [[ -s $dir/postgres.password ]] ||
    head -c 16 /dev/urandom | od -An -tx1 | tr -d ' \n' >"$dir/postgres.password"
  pg_super -d postgres 2>"$dir/postgres.err" <<END || die_with "$dir/postgres.err" "can't make the database"
SELECT 'CREATE ROLE chatd LOGIN' WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'chatd') \gexec
ALTER ROLE chatd PASSWORD '$(<"$dir/postgres.password")';
SELECT 'CREATE DATABASE chatd OWNER chatd' WHERE NOT EXISTS (SELECT FROM pg_database WHERE datname = 'chatd') \gexec
END
  rm -f "$dir/postgres.err"
}

postgres_up() {
  mkdir -p "$sockets/postgres"
  pg_create
  pg_configure
  pg_server "$(pg_bindir)/pg_ctl" -D "$dir/postgres/data" -l "$dir/postgres/server.log" -w -t 60 start \
    >"$dir/pg_ctl.log" 2>&1 || die_with "$dir/postgres/server.log" "PostgreSQL does not start"
  remember postgres "$(head -n 1 "$dir/postgres/data/postmaster.pid")"
}

pg_healthy() { "$(pg_bindir)/pg_isready" -q -t 3 -h 127.0.0.1 -p "$pg_port"; }

# Fast: clients are cut off, what is committed stays.
postgres_down() {
  running postgres || return 0
  pg_server "$(pg_bindir)/pg_ctl" -D "$dir/postgres/data" -m fast -w -t 30 stop >"$dir/pg_ctl.log" 2>&1
  end postgres -- INT 10 QUIT 5
}

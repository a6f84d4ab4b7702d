# shellcheck shell=bash disable=SC2154,SC2034  # dir and asked are the caller's, as is what is set here
# folder: DIR, where a cluster lives, and the short one for its unix sockets (their paths may have 107 bytes).
#
# Sets nodes, workers and the ports from what was asked for, what is remembered in DIR/settings, or the defaults.
# A folder without `settings` is not ours: it is neither filled nor removed.

remembered() { sed -n "s/^$1 //p" "$dir/settings" 2>/dev/null; }

# have_folder: DIR is one of ours; its settings hold
have_folder() {
  dir=$(realpath -m -- "$dir")
  [[ -f $dir/settings ]] || return 1
  read_settings
}

read_settings() {
  nodes=${asked[nodes]:-$(remembered nodes)} workers=${asked[workers]:-$(remembered workers)}
  nodes=${nodes:-2} workers=${workers:-auto}
  set_ports "${asked[port]:-$(remembered port)}"
}

# While something runs its settings can't change beneath it.
keep_settings() {
  local option name
  for option in "${!asked[@]}"; do
    [[ ${asked[$option]} != "$(remembered "$option")" ]] || continue
    for name in $(cd "$dir/run" && ls -- *.process 2>/dev/null); do
      ! running "${name%.process}" || die "a cluster with another --$option runs in $dir: \`down\` first"
    done
  done
}

lock_folder() {
  exec 9>"$dir/run/lock"
  flock -n 9 || { echo "another quickstart is at work in $dir: waiting"; flock 9; }
}

make_folder() {
  dir=$(realpath -m -- "$dir")
  [[ $dir != *[\"\'\\\$[:cntrl:]]* ]] || die "--dir: a folder without quotes, \\ and \$, please"
  [[ -f $dir/settings || ! -e $dir || ! $(ls -A -- "$dir" 2>&1) ]] ||
    die "$dir is not empty, and not made by quickstart: choose another --dir"
  mkdir -p -- "$dir/run" || die "can't make $dir"
  [[ -O $dir ]] || die "$dir belongs to $(stat -c %U -- "$dir"): run quickstart as that user, or choose another --dir"
  chmod 700 -- "$dir" "$dir/run"
  lock_folder
  keep_settings
  read_settings
  printf '%s\n' "nodes $nodes" "workers $workers" "port ${asked[port]:-$(remembered port)}" >"$dir/settings.new"
  mv -- "$dir/settings.new" "$dir/settings"
}

make_sockets() {
  local base=${XDG_RUNTIME_DIR:-}
  sockets=$(cat -- "$dir/run/sockets" 2>/dev/null)
  [[ ! $sockets || ! -d $sockets || -L $sockets || ! -O $sockets ]] || return 0
  [[ $base =~ ^/[A-Za-z0-9/_.-]{1,60}$ && -d $base && -O $base ]] || base=/tmp
  sockets=$(mktemp -d "$base/chatd.XXXXXXXX") || die "can't make a folder for sockets below $base"
  echo "$sockets" >"$dir/run/sockets"
}

remove_sockets() {
  sockets=$(cat -- "$dir/run/sockets" 2>/dev/null)
  [[ $sockets != */chatd.???????? || ! -d $sockets || -L $sockets || ! -O $sockets ]] || rm -rf -- "$sockets"
  rm -f -- "$dir/run/sockets"
}

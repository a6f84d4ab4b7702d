# shellcheck shell=bash
# say: what a script tells a person. One line of progress a step: `step` opens it, `done_` or `die` ends it.
# Owned by: every script here sources it first. Never: asks anything, or writes to a file.

program=${0##*/}
step_open=

step() {
  printf '%-12s' "$1"
  step_open=1
}

done_() {
  printf '%s\n' "$1"
  step_open=
}

# warn TEXT: on a line of its own, even in the middle of a step
warn() {
  [[ ! $step_open ]] || echo
  step_open=
  printf '%s: %s\n' "$program" "$1" >&2
}

die() {
  warn "$1"
  exit 1
}

# die_with FILE TEXT: with the last lines of a log, which say more than we can
die_with() {
  warn "$2; the end of $1:"
  tail -n 20 -- "$1" >&2 2>/dev/null || true
  exit 1
}

# shellcheck shell=bash disable=SC2154  # dir and chat_port are the caller's
# demo: five people who know each other, two groups and some talk, said over the protocol like by any client.
# Once for a folder (DIR/demo says that it is done); what an interrupted one has said is not said again, for each
# message has a cid. A name that somebody else has is the end of it.

demo_password="correct horse"
demo_people=(
  "ann Ann Archer"
  "bob Bob Baker"
  "carol Carol Cooper"
  "dave Dave Dyer"
  "eve Eve Ellery"
)

# group, its owner, its topic; then its members
demo_groups=(
  "allotment ann Plot 14, behind the station|bob carol eve"
  "release dave 2.0 goes out on Friday|ann bob carol eve"
)

# who, to whom, what
demo_talk=(
  "carol #allotment The first tomatoes are in. Who can water them on Thursday?"
  "bob #allotment I can, after work. Is the key still below the blue pot?"
  "carol #allotment Yes. And mind the hose, it leaks at the tap."
  "eve #allotment I have a spare washer somewhere, I'll bring it."
  "ann #allotment Thank you both! The beans need sticks, too."
  "ann @bob Did you see what came up where we sowed the carrots?"
  "bob @ann Poppies. Hundreds of them."
  "bob @ann I left them."
  "ann @bob Good. 🙂"
  "dave #release The list for Friday: release notes, the new icons, one last look at the installer."
  "ann #release I'll take the notes."
  "carol #release Icons are done since yesterday, they only need merging."
  "dave #release Merged. That leaves the installer."
  "eve #release I ran it on three old laptops this morning. Two are fine, one says it has no disk. It has no disk."
  "dave #release Then we are good."
  "eve @ann Could you read over the second paragraph of the notes? I find it hard to say it shorter."
  "carol @ann Lunch tomorrow? The place at the corner has opened again."
  "bob #allotment Watered. The sticks are in as well, all sixteen."
)

declare -A demo_line=()  # person → descriptor of the connection

# demo_ask NAME REQUEST: sends it with an id and leaves the reply in demo_reply, passing over events
demo_ask() {
  local fd=${demo_line[$1]} request=$2 tries=20
  while ((tries-- > 0)); do
    printf '{"id":1,%s}\n' "$request" >&"$fd" || return 1
    while IFS= read -r -t 20 demo_reply <&"$fd"; do
      [[ $demo_reply != '{"id":1,'* ]] || break
    done
    [[ $demo_reply == *'"retry_ms"'* ]] || break
    sleep 0.5
  done
  [[ $demo_reply == '{"id":1,"ok":true'* ]]
}

demo_connect() {  # NAME DISPLAY: registered if new, logged in
  local who="\"name\":\"$1\",\"password\":\"$demo_password\"" fd
  { exec {fd}<>"/dev/tcp/127.0.0.1/$chat_port"; } 2>/dev/null || return 1
  demo_line[$1]=$fd
  demo_ask "$1" "\"op\":\"register\",$who,\"display\":\"$2\"" || [[ $demo_reply == *'"name_taken"'* ]] || return 1
  demo_ask "$1" "\"op\":\"login\",$who,\"ack\":\"auto\"" && return
  [[ $demo_reply != *'"bad_credentials"'* ]] || demo_reply="the name $1 is somebody else's"
  return 1
}

demo_make_group() {  # GROUP OWNER TOPIC MEMBER...
  local group=$1 owner=$2 topic=$3 member
  shift 3
  demo_ask "$owner" "\"op\":\"group_create\",\"group\":\"#$group\",\"topic\":\"$topic\"" ||
    [[ $demo_reply == *'"name_taken"'* ]] || return 1
  for member in "$@"; do demo_ask "$member" "\"op\":\"group_join\",\"group\":\"#$group\"" || return 1; done
}

demo_say() {  # everything, in order
  local line who to text number=0
  for line in "${demo_talk[@]}"; do
    read -r who to text <<<"$line"
    demo_ask "$who" "\"op\":\"send\",\"to\":\"$to\",\"cid\":\"demo-$((++number))\",\"text\":\"$text\"" || return 1
    # Who answers has read; ann has yet to see what came last.
    [[ $demo_reply =~ \"seq\":([0-9]+) && $to == '#'* ]] || continue
    demo_ask "$who" "\"op\":\"read\",\"conv\":\"$to\",\"seq\":${BASH_REMATCH[1]}" || return 1
  done
}

demo_befriend() {
  local one other
  for one in "${!demo_line[@]}"; do
    for other in "${!demo_line[@]}"; do
      [[ $one == "$other" ]] || demo_ask "$one" "\"op\":\"contact_add\",\"name\":\"$other\"" || return 1
    done
  done
}

demo_all() {
  local line name display owner topic members
  for line in "${demo_people[@]}"; do
    read -r name display <<<"$line"
    demo_connect "$name" "$display" || return 1
  done
  demo_befriend || return 1
  for line in "${demo_groups[@]}"; do
    read -r name owner topic <<<"${line%|*}"
    read -ra members <<<"${line#*|}"
    demo_make_group "$name" "$owner" "$topic" "${members[@]}" || return 1
  done
  demo_say
}

demo_fill() {
  [[ ! -e $dir/demo ]] || return 0
  demo_all || die "the demo can't be filled in: ${demo_reply:-no answer from 127.0.0.1:$chat_port}"
  touch "$dir/demo"  # the connections end with this script
}

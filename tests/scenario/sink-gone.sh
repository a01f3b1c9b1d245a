#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# A store that is gone for good, or for long: everything is in the spool and is
# pushed later, however often that is killed; without a spool, or with a full
# one, the end comes in bounded time and is told.
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
. "$(dirname "${BASH_SOURCE[0]}")/sink_lib.sh"

start_server store store
keys agent "$AGENT_ACCESS_KEY" "$AGENT_SECRET_KEY"
keys owner "$S3_ACCESS_KEY" "$S3_SECRET_KEY"
s3=(--to "s3://$BUCKET/${AGENT_PREFIX%/}" --ticket "$tmp/agent"
	--endpoint "$S3_TLS_URL" --ca-file "$CA_FILE")
lab=(--ticket "$tmp/owner" --endpoint "$S3_TLS_URL" --ca-file "$CA_FILE")
mkdir "$tmp/spool" "$tmp/small" "$tmp/later" "$tmp/term"
"$server/store.sh" down "$tmp/store"

# Away from the start to the end.  At the same time: with a spool; without, and
# a deadline; with one that is too small, which waits and then says so; and
# ended by SIGTERM, without and with a spool.
begin() {
	FAKE_MIB=$mib "$BIN/icecore_fake" capture --case c --name "$1" \
		-r "$recipient" --collect memory --json "${@:2}" \
		>"$tmp/$1.json" 2>"$tmp/$1.err" &
	pids+=($!)
	pid_of[$1]=$!
}
declare -A pid_of
# ended NAME STATUS TEXT
ended() {
	local got=0

	wait "${pid_of[$1]}" || got=$?
	is "status of $1" "$got" "$2"
	taken "$1" "$3"
	printf '# %-10s %5.1f s, the sink was away for %5.1f s: status %s, %s\n' \
		"$1" "$(result "$1" seconds)" "$(result "$1" away_seconds)" \
		"$got" "$(result "$1" outcome)"
}
mib=64
begin gone "${s3[@]}" --spool "$tmp/spool"
begin deadline "${s3[@]}" --deadline 3
begin full "${s3[@]}" --spool "$tmp/small" --spool-max 16MiB --deadline 22
begin term "${s3[@]}"
begin termspool "${s3[@]}" --spool "$tmp/term"
is_away() {
	grep -qs "the sink is away" "$tmp/$1.err"
}
for name in term termspool; do
	wait_for 20 is_away "$name"
	kill -TERM "${pid_of[$name]}"
done
ended gone 3 "then the spool takes over"
is "outcome" "$(result gone outcome)" "complete, but partly in the spool"
whole "$tmp/spool/c/$host/gone"
ended deadline 1 "the sink stayed away for"
ended term 1 "the sink stayed away for"
ended termspool 3 "objects"
expect 3 "$BIN/icelab" verify "$tmp/term/c/$host/termspool"
says "the capture ended early: interrupted"
ended full 1 "the spool is full, and the sink away"
# What fitted is signed for, and is within the budget.
expect 3 "$BIN/icelab" verify "$tmp/small/c/$host/full"
says "partial"
[ "$(du -sb "$tmp/small" | cut -f1)" -lt $((17 << 20)) ] || fail "over budget"

# It is back.  The push is killed again and again; each takes up where the last
# one ended, and nothing is sent under two names, or over what is there.
"$server/store.sh" up "$tmp/store"
fault '[{"match": "^PUT ", "do": "slow:4000000"}]'
sent() {
	find "$STORE_OBJECTS" -path "*/gone/*" -type f | wc -l
}
more_than() {
	[ "$(sent)" -gt "$1" ]
}
for _ in 1 2 3; do
	had=$(sent)
	"$BIN/icecore_fake" push "$tmp/spool" "${s3[@]}" 2>"$tmp/err" &
	push=$!
	wait_for 30 more_than "$had"
	kill -KILL "$push"
	wait "$push" 2>/dev/null || :
	printf '# push killed: %d of %d objects there\n' "$(sent)" \
		"$(find "$tmp/spool/c/$host/gone" -name '[ms]*' | wc -l)"
done
fault '[]'
expect 0 "$BIN/icecore_fake" push "$tmp/spool" "${s3[@]}" --json
cp "$tmp/out" "$tmp/push.json"
[ "$(result push skipped)" -gt 0 ] || fail "it sent everything anew"
is "unproven" "$(result push unproven)" 0
is "left" "$(result push left)" 0
printf '# the last push: %s sent, %s skipped, %s were there\n' \
	"$(result push sent)" "$(result push skipped)" "$(result push were_there)"
stored gone
printf '# at the store: %s\n' "$found"
pulled gone "${lab[@]}"
# Once more: all of it is there, nothing is sent; then it may go.
tries=$(wc -l <"$STORE_LOG")
expect 0 "$BIN/icecore_fake" push "$tmp/spool" "${s3[@]}" --remove
is "requests" "$(wc -l <"$STORE_LOG")" "$tries"
is "what is left of the spool" "$(find "$tmp/spool" -mindepth 1)" ""
expect 1 "$BIN/icecore_fake" push "$tmp/spool" "${s3[@]}"
says "no capture in the spool"

# From a disk that is attached read-only: there is no journal, so what is there
# already is not taken for ours.
if [ "$(id -u)" = 0 ]; then
	mkdir "$tmp/disk"
	mount --bind "$tmp/term" "$tmp/disk"
	mount -o remount,bind,ro "$tmp/disk"
	trap 'umount "$tmp/disk" 2>/dev/null || :; end_all; rm -rf "$tmp"' EXIT
	expect 0 "$BIN/icecore_fake" push "$tmp/disk" "${s3[@]}"
	stored termspool
	expect 3 "$BIN/icecore_fake" push "$tmp/disk" "${s3[@]}" --json
	says "is there already, but not by a push from here"
	stored termspool
	umount "$tmp/disk"
	is "what is in it" "$(find "$tmp/term" -name .sent)" ""
fi
expect 0 "$BIN/icelab" pull "$(result termspool location)" "$tmp/pulled" \
	"${lab[@]}"
expect 3 "$BIN/icelab" verify "$tmp/pulled"

# A spool that somebody meddled with: the store has what he left, and verify
# sees it; what is no object of a capture is not sent, nor a link followed.
cp -r "$tmp/small/." "$tmp/later"
dir=$tmp/later/c/$host/full
segment=$(basename "$(find "$dir" -name 'segment-*')")
rm -f "${dir:?}/$segment"
printf x >"$dir/$segment"
ln -s /etc/hostname "$dir/segment-000900.age"
echo secret >"$dir/passwd"
expect 1 "$BIN/icecore_fake" push "$tmp/later" "${s3[@]}"
says "segment-000900.age"
rm "$dir/segment-000900.age"
expect 0 "$BIN/icecore_fake" push "$tmp/later" "${s3[@]}"
is "strangers" "$(find "$STORE_OBJECTS" -name 'passwd*' -o -name '*900*')" ""
expect 1 "$BIN/icelab" pull "$(result full location)" "$tmp/meddled" "${lab[@]}"
expect 1 "$BIN/icelab" verify "$tmp/meddled"
says "damage: $segment"

# A store that goes while the push is on its way, and does not come back.
rm -rf "$tmp/later/c"
cp -r "$tmp/term/." "$tmp/later"
mv "$tmp/later/c/$host/termspool" "$tmp/later/c/$host/again"
"$server/store.sh" down "$tmp/store"
expect 1 "$BIN/icecore_fake" push "$tmp/later" "${s3[@]}" --patience 2 --remove
says "the sink stayed away for 2 s"
is "what is in the spool" "$(find "$tmp/later" -name 'segment-*' | wc -l)" \
	"$(find "$tmp/term" -name 'segment-*' | wc -l)"
done_testing

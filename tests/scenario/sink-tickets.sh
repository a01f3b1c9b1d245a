#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# Tickets that end in the middle of a capture, of each kind: it pauses, asks for
# the next, and goes on with what it has in memory.  Roles of the machine are
# asked again by themselves.  A clock that is 20 minutes off is no obstacle.
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
. "$(dirname "${BASH_SOURCE[0]}")/sink_lib.sh"

start_server store store --sts-seconds 3
keys agent "$AGENT_ACCESS_KEY" "$AGENT_SECRET_KEY"
keys owner "$S3_ACCESS_KEY" "$S3_SECRET_KEY"
ca=(--ca-file "$CA_FILE")
tls=(--endpoint "$S3_TLS_URL" "${ca[@]}")
s3=(--to "s3://$BUCKET/${AGENT_PREFIX%/}" "${tls[@]}")
slow() {
	fault "[{\"match\": \"^PUT .*segment-\", \"do\": \"slow:$1\"}]"
}
begin() {
	take "$1" 3 "${@:2}" &
	pids+=($!)
}
needs_ticket() {
	grep -qs "a new ticket is needed" "$tmp/$1.err"
}
# arrived NAME TEXT [pull option ...]: all of it, after it had said so.
arrived() {
	taken "$1" "$2"
	stored "$1"
	row "$1"
	pulled "$1" "${@:3}"
}
has_first() {
	compgen -G "$STORE_OBJECTS/*/*/c/*/$1/manifest-000000.pb" >/dev/null ||
		compgen -G "$STORE_OBJECTS/*/*/*/c/*/$1/manifest-000000.pb" >/dev/null
}
# expire: the session's keys are over, from now on.
expire() {
	sed 's/"token": "[^"]*", "actions": \["PutObject"\]}/&/;
		/TESTTEMP/,/actions/s/"actions": \["PutObject"\]}/"actions": ["PutObject"], "expires": 1}/' \
		"$STORE_KEYS" >"$tmp/keys"
	mv "$tmp/keys" "$STORE_KEYS"
}
cp "$STORE_KEYS" "$tmp/keys.before"
live() {
	cp "$tmp/keys.before" "$tmp/keys"
	mv "$tmp/keys" "$STORE_KEYS"
}
table_head

# ExpiredToken in the middle; the file is replaced.
slow 3000000
keys file "$TEMP_ACCESS_KEY" "$TEMP_SECRET_KEY" "$TEMP_TOKEN"
begin file "${s3[@]}" --ticket "$tmp/file"
wait_for 20 has_first file
expire
wait_for 20 needs_ticket file
cp "$tmp/agent" "$tmp/next"
mv "$tmp/next" "$tmp/file"
reap
arrived file "ExpiredToken" --ticket "$tmp/owner" "${tls[@]}"

# The same through a descriptor, and standard input: tickets follow each other.
for name in fd stdin; do
	live
	mkfifo "$tmp/pipe"
	exec 8<>"$tmp/pipe" # both, or to open it would wait for a reader
	if [ "$name" = fd ]; then
		take fd 3 "${s3[@]}" --ticket-fd 7 7<"$tmp/pipe" &
	else
		take stdin 3 "${s3[@]}" --ticket - <"$tmp/pipe" &
	fi
	pids+=($!)
	keys temp "$TEMP_ACCESS_KEY" "$TEMP_SECRET_KEY" "$TEMP_TOKEN"
	cat "$tmp/temp" >&8
	wait_for 20 has_first "$name"
	expire
	wait_for 20 needs_ticket "$name"
	cat "$tmp/agent" >&8
	reap
	exec 8>&-
	rm "$tmp/pipe"
	arrived "$name" "ExpiredToken" --ticket "$tmp/owner" "${tls[@]}"
done
# And when no more come: the end, or the spool.
live
mkdir "$tmp/spool"
for name in no-more no-more-spool; do
	live
	mkfifo "$tmp/pipe"
	if [ "$name" = no-more ]; then
		take no-more 1 "${s3[@]}" --ticket-fd 7 7<"$tmp/pipe" &
	else
		take "$name" 3 "${s3[@]}" --spool "$tmp/spool" --ticket-fd 7 \
			7<"$tmp/pipe" &
	fi
	pids+=($!)
	cat "$tmp/temp" >"$tmp/pipe"
	wait_for 20 has_first "$name"
	expire
	reap
	rm "$tmp/pipe"
	taken "$name" "the descriptor ended: no more tickets"
	stored "$name"
done
fault '[]'
expect 0 "$BIN/icecore_fake" push "$tmp/spool" "${s3[@]}" --ticket "$tmp/agent"
stored no-more-spool
pulled no-more-spool --ticket "$tmp/owner" "${tls[@]}"

# What says by itself until when it is good.  Each waits for the next, and the
# last, for which there is none, until its deadline.
with store "$server/s3.py" policy evidence "$AGENT_PREFIX" -10 $((16 << 20)) \
	>"$tmp/post"
with store "$server/s3.py" policy evidence "$AGENT_PREFIX" 600 $((16 << 20)) \
	>"$tmp/post.next"
with store "$server/sas.py" evidence c --seconds -10 >"$tmp/sas"
with store "$server/sas.py" evidence c >"$tmp/sas.next"
with store "$server/sas.py" evidence rl >"$tmp/sas.read"
keys session "$OLD_ACCESS_KEY" "$OLD_SECRET_KEY" "$OLD_TOKEN"
cp "$tmp/session" "$tmp/never"
cp "$tmp/agent" "$tmp/session.next"
azure=(--to "azure://$AZURE_ACCOUNT/evidence/az"
	--endpoint "$AZURE_TLS_URL/$AZURE_ACCOUNT" "${ca[@]}")
clear=(--to "s3://$BUCKET/${AGENT_PREFIX%/}" --endpoint "$S3_URL")
begin session "${s3[@]}" --ticket "$tmp/session"
begin post "${clear[@]}" --ticket "$tmp/post"
begin sas "${azure[@]}" --ticket "$tmp/sas"
take never 1 "${s3[@]}" --ticket "$tmp/never" --deadline 1 &
never=$!
for name in session post sas; do
	wait_for 20 needs_ticket "$name"
	mv "$tmp/$name.next" "$tmp/$name"
done
reap
arrived session "ExpiredToken" --ticket "$tmp/owner" "${tls[@]}"
arrived post "expired" --ticket "$tmp/owner" "${clear[@]:2}"
arrived sas "the ticket's time is over" --ticket "$tmp/sas.read" "${azure[@]:2}"

# The machine's own roles; their keys last three seconds, the capture longer.
slow 5000000
mib=64
meta=(--metadata "$METADATA_URL")
token=$(python3 -c 'import json,sys; print(next(t for t, g in
	json.load(open(sys.argv[1]))["tokens"].items() if "prefix" in g and
	t != "metadata"))' "$STORE_KEYS")
printf '%s\n' "$token" >"$tmp/web-token"
printf '%s' "$EKS_TOKEN" >"$tmp/eks-token"
begin ec2 "${s3[@]}" --role ec2 "${meta[@]}"
AWS_CONTAINER_CREDENTIALS_RELATIVE_URI=$ECS_PATH \
	begin ecs "${s3[@]}" --role container "${meta[@]}"
AWS_CONTAINER_CREDENTIALS_FULL_URI=$METADATA_URL$EKS_PATH \
	AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE=$tmp/eks-token \
	begin eks "${s3[@]}" --role container
AWS_ROLE_ARN=arn:aws:iam::123456789012:role/capture \
	AWS_WEB_IDENTITY_TOKEN_FILE=$tmp/web-token \
	AWS_ENDPOINT_URL_STS=$STS_TLS_URL \
	begin web "${s3[@]}" --role web-identity
begin managed --to "azure://$AZURE_ACCOUNT/evidence/${AGENT_PREFIX%/}" \
	"${azure[@]:2}" --role azure "${meta[@]}"
reap
fault '[]'
for name in ec2 ecs eks web managed; do
	stored "$name"
	row "$name"
	is "outcome of $name" "$(result "$name" outcome)" "complete with gaps"
done
for name in ec2 ecs eks web; do
	pulled "$name" --ticket "$tmp/owner" "${tls[@]}"
done
pulled managed --ticket "$tmp/sas.read" "${azure[@]:2}"
for path in security-credentials/icecore-test "$ECS_PATH" "$EKS_PATH" \
	oauth2/token 'kind": "sts'; do
	n=$(grep -c "$path" "$STORE_LOG" || :)
	printf '# %-44s asked %d times\n' "$path" "$n"
	[ "$n" -ge 2 ] || fail "$path was not asked again"
done
grep -q ExpiredToken "$STORE_LOG" || fail "no key expired"
mib=26

# A clock that is off by 20 minutes, either way.
for clock in -1200 1200; do
	start_server store "clock$clock" --clock "$clock"
	keys agent "$AGENT_ACCESS_KEY" "$AGENT_SECRET_KEY"
	keys gs "$GS_ACCESS_KEY" "$GS_SECRET_KEY"
	take "skew$clock" 3 --to "s3://$BUCKET/${AGENT_PREFIX%/}" \
		--endpoint "$S3_TLS_URL" --ca-file "$CA_FILE" --ticket "$tmp/agent"
	take "gs$clock" 3 --to "gs://$BUCKET/gs" --endpoint "$GS_TLS_URL" \
		--ca-file "$CA_FILE" --ticket "$tmp/gs"
	for name in skew gs; do
		stored "$name$clock"
		row "$name$clock"
	done
	n=$(grep -c RequestTimeTooSkewed "$STORE_LOG")
	printf '# clock %s: %s requests were refused for it\n' "$clock" "$n"
	[ "$n" -le 2 ] || fail "it did not learn the store's clock"
	# 3: nothing here keeps who may put from putting twice.
	expect 3 "$BIN/icecore_fake" probe --to "s3://$BUCKET/${AGENT_PREFIX%/}" \
		--case c --endpoint "$S3_TLS_URL" --ca-file "$CA_FILE" \
		--ticket "$tmp/agent"
	grep -q "warning: set right by the agent" "$tmp/out" ||
		fail "no warning of the clock"
done
wait "$never" || fail "the last one did not end as it should"
taken never "ExpiredToken"
printf '# without a next ticket: %.1f s, %s\n' "$(result never seconds)" \
	"$(result never error)"
done_testing

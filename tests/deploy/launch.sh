#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# launch.sh: what SSM and Azure run on a host.  The documents are what the one
# script makes of them; every parameter has a pattern, which hostile values do
# not pass; and if they did, none of them would be executed.  What has another
# hash or signature does not run.  By stand-ins for curl and icecore.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
deploy=$(cd "$here/../../deploy" && pwd)
if [ "$(id -u)" != 0 ]; then
	echo "only root makes a mount namespace"
	exit 77
fi
# The script sets PATH itself: curl is replaced where it lies, in a mount
# namespace of the test.
if [ "${ICECORE_TEST_NAMESPACE-}" != yes ]; then
	ICECORE_TEST_NAMESPACE=yes exec unshare --mount "$0" "$@"
fi
tmp=$(mktemp -d "${TMPDIR:-/tmp}/icecore-launch-test.XXXXXX")
trap 'rm -rf "$tmp"' EXIT
checks=0

fail() {
	printf 'FAILED: %s\n' "$*" >&2
	exit 1
}
pass() {
	checks=$((checks + 1))
}

# The key of who signs; what is in the repository holds none, and refuses.
openssl ecparam -name prime256v1 -genkey -noout -out "$tmp/key" 2>/dev/null
openssl ec -in "$tmp/key" -pubout -out "$tmp/key.pub" 2>/dev/null
"$deploy/make-documents.py" -o "$tmp/plain"
for name in aws azure; do
	cmp "$tmp/plain/$name/icecore-capture.json" \
		"$deploy/$name/icecore-capture.json" ||
		fail "$name/icecore-capture.json is not what make-documents.py makes"
	pass
done
"$deploy/make-documents.py" -o "$tmp/made" --public-key "$tmp/key.pub"
python3 "$here/documents.py" "$deploy" "$tmp/made" "$tmp/ssm.sh" "$tmp/arm.sh"
pass
shellcheck -s sh -e SC2016 "$tmp/ssm.sh"
shellcheck "$tmp/arm.sh" "$deploy/launch/launch.sh" \
	"$deploy/azure/run-command-action.sh"
pass

# What is launched tells its arguments; curl gives files of the test.
cat >"$tmp/icecore" <<-'EOT'
	#!/bin/sh
	printf '%s\n' "$@" >"$ICECORE_TEST/ran"
	case " $* " in *" --ticket-fd 8 "*) cat <&8 >"$ICECORE_TEST/ticket-seen" ;; esac
	echo '{"outcome": "complete"}'
EOT
cat >"$tmp/curl" <<-'EOT'
	#!/bin/bash
	printf '%s\n' "$@" >>"$ICECORE_TEST/curl-args"
	while [ $# -gt 0 ]; do
		case $1 in
		--output) out=$2 ;;
		--url) url=$2 ;;
		esac
		shift
	done
	case $url in
	*/icecore) cp "$ICECORE_TEST/${SERVED:-icecore}" "$out" ;;
	*/ticket*) echo '{"ticket": 1}' >"$out" ;;
	*) exit 22 ;;
	esac
EOT
chmod +x "$tmp/icecore" "$tmp/curl"
mount --bind "$tmp/curl" "$(command -v curl)"
cp "$tmp/icecore" "$tmp/other"
echo '# changed' >>"$tmp/other"
export ICECORE_TEST=$tmp
openssl dgst -sha256 -sign "$tmp/key" -out "$tmp/sig" "$tmp/icecore"
openssl dgst -sha256 -sign "$tmp/key" -out "$tmp/other-sig" "$tmp/other"
recipient=age1$(printf 'q%.0s' {1..58})

# What a responder gives.
good() {
	export ICECORE_CASE=INC-7 ICECORE_TO=s3://evidence/in \
		ICECORE_RECIPIENT=$recipient \
		ICECORE_URL=https://example.test/icecore \
		ICECORE_TICKET_URL='https://example.test/ticket?X-Amz-Signature=0a&b=c%20d' \
		ICECORE_REASON='GuardDuty finding 42' ICECORE_MODE=capture \
		ICECORE_COLLECT=process,network ICECORE_FOREGROUND=yes
	ICECORE_SHA256=$(sha256sum <"$tmp/icecore" | cut -d ' ' -f 1)
	ICECORE_SIGNATURE=$(base64 -w 0 "$tmp/sig")
	ICECORE_PUBLIC_KEY=$(grep -v -- ----- "$tmp/key.pub" | tr -d '\n')
	export ICECORE_SHA256 ICECORE_SIGNATURE ICECORE_PUBLIC_KEY
}
# run [SCRIPT]: $got is its status, its words are in $tmp/said.
run() {
	got=0
	rm -f "$tmp/ran" "$tmp/ticket-seen" "$tmp/curl-args"
	"${1:-$deploy/launch/launch.sh}" >"$tmp/said" 2>"$tmp/err" </dev/null ||
		got=$?
	[ "$(wc -l <"$tmp/said")" = 1 ] || fail "not one line: $(cat "$tmp/said")"
	pass
}
# launch STATUS
launch() {
	run
	[ "$got" = "$1" ] || fail "status $got, not $1: $(cat "$tmp/said" "$tmp/err")"
	python3 -c 'import json,sys; json.load(open(sys.argv[1]))["outcome"]' \
		"$tmp/said" || fail "no JSON: $(cat "$tmp/said")"
}
# refused TEXT: it was, for that reason, and nothing was run.
refused() {
	grep -q "$1" "$tmp/said" || fail "'$1' is not in $(cat "$tmp/said")"
	[ ! -e "$tmp/ran" ] || fail "it was run"
	pass
}
left() {
	find /run /dev/shm -maxdepth 1 -name 'icecore-launch.*'
}
good
launch 0
grep -qx -- --recipient "$tmp/ran" || fail "no recipient: $(cat "$tmp/ran")"
grep -qx INC-7 "$tmp/ran" || fail "no case"
[ "$(cat "$tmp/ticket-seen")" = '{"ticket": 1}' ] || fail "no ticket"
! grep -q ticket "$tmp/ran" || [ "$(grep -c ticket "$tmp/ran")" = 1 ] ||
	fail "the ticket is in the arguments"
[ -z "$(left)" ] || fail "left behind: $(left)"
pass

# Another hash, another signature, a signature of something else, no key.
SERVED=other launch 1
refused 'SHA-256 of icecore is another'
good
ICECORE_SIGNATURE=$(base64 -w 0 "$tmp/other-sig") launch 1
refused 'signature of icecore is wrong'
good
export ICECORE_SHA256
ICECORE_SHA256=$(sha256sum <"$tmp/other" | cut -d ' ' -f 1)
SERVED=other launch 1
refused 'signature of icecore is wrong'
good
openssl ecparam -name prime256v1 -genkey -noout 2>/dev/null |
	openssl ec -pubout 2>/dev/null >"$tmp/stranger"
ICECORE_PUBLIC_KEY=$(grep -v -- ----- "$tmp/stranger" | tr -d '\n') launch 1
refused 'signature of icecore is wrong'
ICECORE_PUBLIC_KEY='' launch 1
refused 'PUBLIC_KEY is not given'
ICECORE_URL=https://example.test/nosuch launch 1
refused 'cannot fetch'
ICECORE_URL=http://example.test/icecore launch 1
refused 'ICECORE_URL has'
ICECORE_MODE=trigger launch 1
refused 'no watch runs here'
good
[ -z "$(left)" ] || fail "left behind: $(left)"

# Hostile values, each in the place of each parameter: by the environment, and
# pasted into the document's script as SSM does it.
python3 "$here/documents.py" --hostile "$tmp/hostile" "$tmp/touched"
for name in CASE TO RECIPIENT URL SHA256 SIGNATURE TICKET_URL REASON COLLECT \
	MODE FOREGROUND; do
	for value in "$tmp"/hostile/*; do
		good
		export "ICECORE_$name=$(cat "$value")"
		run
		[ "$got" = 1 ] || fail "$name: $(cat "$value") was taken"
		refused "ICECORE_$name"
		[ ! -e "$tmp/touched" ] || fail "$name: $(cat "$value") was executed"
	done
done
# Pasted, the first line of a value counts, and the rest is nothing.
good
for value in "$tmp"/hostile/*; do
	python3 "$here/documents.py" --paste "$tmp/made" "$value" "$tmp/pasted"
	for script in "$tmp"/pasted/*; do
		run "$script"
		[ ! -e "$tmp/touched" ] ||
			fail "$(cat "$value"), pasted into $script, was executed"
	done
	rm -rf "$tmp/pasted"
done
printf '%d checks passed\n' "$checks"

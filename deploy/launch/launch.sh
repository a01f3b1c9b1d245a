#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# Launch icecore on a host that has none, or tell the icecore watch that runs
# there: what AWS SSM, Azure Run Command and the like run.  By the environment:
#
#   ICECORE_CASE        name of the case
#   ICECORE_TO          destination, an https:// or s3:// URL and the like
#   ICECORE_RECIPIENT   age1..., for whom it is sealed
#   ICECORE_URL         where the static icecore is, https://
#   ICECORE_SHA256      its SHA-256, 64 hexadecimal digits
#   ICECORE_SIGNATURE   its signature: ECDSA with SHA-256, DER, base64
#   ICECORE_PUBLIC_KEY  of who signs: SubjectPublicKeyInfo, DER, base64
#   ICECORE_TICKET_URL  a presigned https:// URL of the ticket; none: the role
#   ICECORE_REASON      why; it is in the evidence
#   ICECORE_COLLECT     collectors, "process,network"; all if it is not given
#   ICECORE_MODE        capture; trigger: the watch that runs here; auto (if not
#                       given): the watch if one runs, else capture
#   ICECORE_FOREGROUND  yes: wait for the end.  If not, the capture goes on when
#                       the service that launched it gives up or dies
#
# Nothing of it is evaluated, and nothing is run before the hash and the
# signature are right.  Prints one JSON line; progress goes to the journal or to
# /run/icecore-launch.log.  Exit status: that of icecore, or 1.
set -euo pipefail
umask 077
PATH=/usr/sbin:/usr/bin:/sbin:/bin
export PATH LC_ALL=C
unset BASH_ENV ENV LD_PRELOAD LD_LIBRARY_PATH

# quit WORDS: one JSON line, of plain characters only.
quit() {
	printf '{"outcome": "refused", "error": "%s"}\n' \
		"$(printf '%s' "$*" | tr -c 'A-Za-z0-9 .,:/_-' '?')"
	exit 1
}

# check NAME PATTERN [optional]: the variable is all of PATTERN.
check() {
	local value=${!1-}

	if [ -z "$value" ]; then
		[ "${3-}" = optional ] || quit "$1 is not given"
		return 0
	fi
	[ "${#value}" -le 2048 ] || quit "$1 is longer than 2048 characters"
	[[ $value =~ ^($2)$ ]] || quit "$1 has characters that it may not have"
}

for name in CASE TO RECIPIENT URL SHA256 SIGNATURE PUBLIC_KEY TICKET_URL \
	REASON COLLECT MODE FOREGROUND; do
	declare "ICECORE_$name=$(printenv "ICECORE_$name" || :)"
done
url='[A-Za-z0-9._~:/?#@!&*+,;=%-]+'
check ICECORE_CASE '[A-Za-z0-9][A-Za-z0-9._-]{0,63}'
check ICECORE_REASON '[A-Za-z0-9][A-Za-z0-9 .,:/_-]{0,199}' optional
check ICECORE_MODE 'auto|capture|trigger' optional
check ICECORE_FOREGROUND 'yes|no' optional
check ICECORE_COLLECT '[a-z,]{1,200}' optional

# A watch has its own plan, destination and recipients, and the last minutes.
watches() {
	command -v icecore >/dev/null || return 1
	# 3: something is not well, but there is one.
	icecore status >/dev/null 2>&1 || [ $? -eq 3 ]
}

if [ "${ICECORE_MODE:-auto}" != capture ]; then
	if watches; then
		exec icecore trigger --case "$ICECORE_CASE" \
			--reason "$ICECORE_REASON"
	fi
	[ "${ICECORE_MODE:-auto}" = auto ] || quit "no watch runs here"
fi

check ICECORE_TO '(https|s3|gs|azure)://'"$url"
check ICECORE_RECIPIENT 'age1[a-z0-9]{58}'
check ICECORE_URL "https://$url"
check ICECORE_SHA256 '[0-9a-f]{64}'
check ICECORE_SIGNATURE '[A-Za-z0-9+/=]{90,120}'
check ICECORE_PUBLIC_KEY '[A-Za-z0-9+/=]{100,400}'
check ICECORE_TICKET_URL "https://$url" optional

# make_dir: in memory, where programs may be run; never on the suspect's disk.
make_dir() {
	local base

	for base in /run /dev/shm; do
		dir=$(mktemp -d "$base/icecore-launch.XXXXXX" 2>/dev/null) ||
			continue
		printf '#!/bin/sh\nexit 0\n' >"$dir/try"
		chmod 700 "$dir/try"
		if "$dir/try" 2>/dev/null; then
			rm -f "$dir/try"
			return 0
		fi
		rm -rf "$dir"
	done
	quit "neither /run nor /dev/shm lets programs run"
}

# fetch URL FILE BYTES
fetch() {
	curl --silent --fail --proto =https --tlsv1.2 --max-redirs 0 \
		--connect-timeout 10 --max-time 120 --retry 3 \
		--max-filesize "$3" --output "$2" --url "$1" ||
		quit "cannot fetch ${1%%\?*}"
}

dir=
make_dir
trap 'rm -rf "$dir"' EXIT
fetch "$ICECORE_URL" "$dir/icecore" 67108864
sum=$(sha256sum <"$dir/icecore")
[ "${sum%% *}" = "$ICECORE_SHA256" ] || quit "the SHA-256 of icecore is another"
printf '%s' "$ICECORE_SIGNATURE" | base64 -d >"$dir/signature" 2>/dev/null ||
	quit "the signature is no base64"
printf '%s' "$ICECORE_PUBLIC_KEY" | base64 -d 2>/dev/null |
	openssl pkey -pubin -inform DER -out "$dir/key" 2>/dev/null ||
	quit "the public key is none"
openssl dgst -sha256 -verify "$dir/key" -signature "$dir/signature" \
	"$dir/icecore" >/dev/null 2>&1 || quit "the signature of icecore is wrong"
chmod 700 "$dir/icecore"

args=(capture --json --quiet --case "$ICECORE_CASE" --to "$ICECORE_TO"
	--recipient "$ICECORE_RECIPIENT")
[ -z "$ICECORE_COLLECT" ] || args+=(--collect "$ICECORE_COLLECT")
if [ -n "$ICECORE_TICKET_URL" ]; then
	fetch "$ICECORE_TICKET_URL" "$dir/ticket" 65536
	exec 8<"$dir/ticket"
	args+=(--ticket-fd 8)
fi
# What runs has no name that somebody could put something else in place of.
exec 9<"$dir/icecore"
rm -rf "$dir"
if [ "$ICECORE_FOREGROUND" = yes ]; then
	status=0
	/proc/self/fd/9 "${args[@]}" || status=$?
	exit "$status"
fi
log=/run/icecore-launch.log
detach=(setsid)
# Out of the launching service's control group, so that it may end.
if [ -d /run/systemd/system ] && command -v systemd-run >/dev/null; then
	detach=(systemd-run --scope --quiet --collect setsid)
fi
"${detach[@]}" /proc/self/fd/9 "${args[@]}" </dev/null >>"$log" 2>&1 &
printf '{"outcome": "started", "case": "%s", "pid": %d, "log": "%s"}\n' \
	"$ICECORE_CASE" "$!" "$log"

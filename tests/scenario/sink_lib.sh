# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash disable=SC2154
# Sourced by the scenarios of sinks, after lib.sh: servers of tests/server that
# end with the scenario, captures to them, and whether what arrived is whole.
# The secrets in a server's env are variables of the shell only: the agent gets
# what its command line says, and nothing from its environment.

server=$(cd "$(dirname "${BASH_SOURCE[0]}")/../server" && pwd)
export PYTHONDONTWRITEBYTECODE=1
servers=()
pids=() # of what runs in the background
mib=26  # of memory that is made up

end_all() {
	local item

	for item in "${pids[@]}"; do
		# A capture is a child of the shell that runs take.
		pkill -KILL -P "$item" || :
		kill -KILL "$item" 2>/dev/null || :
		wait "$item" 2>/dev/null || :
	done
	for item in "${servers[@]}"; do
		"$server/${item%% *}.sh" stop "${item#* }" || :
	done
}
# shellcheck disable=SC2154 # lib.sh sets it
trap 'end_all; rm -rf "$tmp"' EXIT

# start_server NAME DIR [option ...]: $tmp/DIR, and its variables.
start_server() {
	local name=$1 dir=$tmp/$2

	shift 2
	servers+=("$name $dir")
	"$server/$name.sh" start "$dir" "$@"
	# shellcheck source=/dev/null # the server writes it
	. "$dir/env"
}

# with DIR COMMAND ...: with that server's variables in its environment.
with() (
	set -a
	# shellcheck source=/dev/null # the server writes it
	. "$tmp/$1/env"
	shift
	exec "$@"
)

# keys NAME ACCESS SECRET [TOKEN]: a ticket of keys, $tmp/NAME.
keys() {
	printf '{"AccessKeyId": "%s", "SecretAccessKey": "%s"%s}\n' "$2" "$3" \
		"${4:+, \"SessionToken\": \"$4\"}" >"$tmp/$1"
}

# bearer NAME TOKEN
bearer() {
	printf '{"bearer": "%s"}\n' "$2" >"$tmp/$1"
}

# take NAME STATUS [option ...]: a capture of that name; what it says is in
# $tmp/NAME.err, its JSON in $tmp/NAME.json.  May run in the background.
take() {
	local name=$1 want=$2 got=0

	shift 2
	# shellcheck disable=SC2154 # new_key sets it
	FAKE_MIB=$mib "$BIN/icecore_fake" capture --case c --name "$name" \
		-r "$recipient" --collect memory --json "$@" \
		>"$tmp/$name.json" 2>"$tmp/$name.err" || got=$?
	[ "$got" = "$want" ] || {
		cp "$tmp/$name.err" "$tmp/err"
		fail "capture $name: status $got, not $want"
	}
	checks=$((checks + 1))
}

# taken NAME TEXT: that capture said it.
taken() {
	cp "$tmp/$1.err" "$tmp/err"
	says "$2"
}

# result NAME FIELD: of its JSON.
result() {
	python3 -c 'import json,sys; print(json.load(open(sys.argv[1]))[sys.argv[2]])' \
		"$tmp/$1.json" "$2"
}

# reap: wait for everything in the background, all of which must succeed.
reap() {
	local pid

	for pid in "${pids[@]}"; do
		wait "$pid" || fail "see above"
		checks=$((checks + 1))
	done
	pids=()
}

# make_reference: what the memory is, by a capture into a directory; $host.
make_reference() {
	mkdir "$tmp/reference"
	take reference 3 --to "$tmp/reference"
	host=$(ls "$tmp/reference/c")
	expect 3 "$BIN/icelab" extract -i "$tmp/lab.key" -o "$tmp/x" \
		"$tmp/reference/c/$host/reference"
	sha256sum <"$tmp/x/memory.lime" >"$tmp/reference.$mib"
	rm -rf "$tmp/x" "$tmp/reference"
}

# whole DIR: a capture in a directory verifies, and its memory is what it was.
whole() {
	local got=$tmp/extracted

	[ -s "$tmp/reference.$mib" ] || make_reference
	# 3: the made-up memory has a page that is poisoned.
	expect 3 "$BIN/icelab" verify "$1"
	says "complete with gaps"
	expect 3 "$BIN/icelab" extract -i "$tmp/lab.key" -o "$got" "$1"
	is "memory of $1" "$(sha256sum <"$got/memory.lime")" \
		"$(cat "$tmp/reference.$mib")"
	rm -rf "$got"
}

# pulled NAME [pull option ...]: as its result says where it is, it is all there.
pulled() {
	local name=$1

	shift
	expect 0 "$BIN/icelab" pull "$(result "$name" location)" \
		"$tmp/pulled" "$@"
	says " 0 missing, 0 wrong, 0 unlisted"
	whole "$tmp/pulled"
	rm -rf "$tmp/pulled"
}

# stored NAME [all]: what the store's log and its objects say of a capture; see
# store_log.py, whose words are in $found.
stored() {
	found=$(python3 "$(dirname "${BASH_SOURCE[0]}")/store_log.py" \
		"$STORE_LOG" "$STORE_OBJECTS" "$1") || fail "$1: $found"
	checks=$((checks + 1))
}

# survived NAME: it was tried again, arrived whole, each object once and as it
# was; prints how long until it was noticed, and until it was sent again.
survived() {
	taken "$1" "the sink is back after"
	is "outcome of $1" "$(result "$1" outcome)" "complete with gaps"
	[ "$(result "$1" retries)" -ge 1 ] || fail "$1: not one retry"
	stored "$1"
	row "$1"
}

# row NAME: of the table that table_head begins; what was noticed first, and
# what it cost.
row() {
	python3 - "$tmp/$1.err" "$1" "$(result "$1" retries)" "$found" <<-'EOT'
		import re, sys
		text = open(sys.argv[1], encoding="utf-8").read()
		notice = re.search(r"(?:away|needed) after ([0-9.]+) s", text)
		back = re.search(r"back after ([0-9.]+) s", text)
		why = re.search(r"(?:waits|takes over): \S+: (.*)", text)
		print("# %-16s %7s s %7s s %8s   %s; %s" % (
		    sys.argv[2], notice.group(1) if notice else "-",
		    back.group(1) if back else "-", sys.argv[3], sys.argv[4],
		    why.group(1)[:60] if why else ""))
	EOT
}

table_head() {
	printf '# %-16s %9s %9s %8s   %s\n' fault noticed "sent again" retries \
		"at the store; what the agent said"
}

# fault 'RULES': of the store in $tmp/store.
fault() {
	"$server/store.sh" fault "$tmp/store" "$1"
}

new_key lab
make_reference

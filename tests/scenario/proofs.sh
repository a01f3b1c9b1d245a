#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# Proof of time and place: an authority that stamps, one that does not, one that
# lies; the identity documents of three clouds, good and bad.  No capture fails
# for it, and verify is not deceived.
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
server=$(cd "$(dirname "${BASH_SOURCE[0]}")/../server" && pwd)
w=$tmp/witness
mkdir "$tmp/dest" "$w"
new_key a

# Authorities, and what they sign.
authority() {
	openssl req -x509 -newkey rsa:2048 -nodes -keyout "$w/$1.key" \
		-out "$w/$1.pem" -subj "/CN=$1" -days 9 2>/dev/null
}
# certificate NAME CN ISSUER EXTENSION [END]
certificate() {
	openssl req -newkey rsa:2048 -nodes -keyout "$w/$1.key" \
		-out "$w/$1.csr" -subj "/CN=$2" 2>/dev/null
	printf '%s\n' "basicConstraints=critical,CA:FALSE" "$4" >"$w/$1.ext"
	if [ $# -eq 5 ]; then
		: >"$w/index"
		printf '[ca]\ndefault_ca=c\n[c]\ndatabase=%s\nnew_certs_dir=%s\nrand_serial=yes\ndefault_md=sha256\npolicy=p\n[p]\ncommonName=supplied\n' \
			"$w/index" "$w" >"$w/ca.cnf"
		openssl ca -batch -config "$w/ca.cnf" -cert "$w/$3.pem" \
			-keyfile "$w/$3.key" -in "$w/$1.csr" -out "$w/$1.pem" \
			-extfile "$w/$1.ext" -notext -startdate 20240101000000Z \
			-enddate "$5" 2>/dev/null
	else
		openssl x509 -req -in "$w/$1.csr" -CA "$w/$3.pem" \
			-CAkey "$w/$3.key" -CAcreateserial -days 9 \
			-extfile "$w/$1.ext" -out "$w/$1.pem" 2>/dev/null
	fi
}
authority ca
authority stranger
authority ec2
authority gce
stamping=extendedKeyUsage=critical,timeStamping
certificate tsa "A TSA" ca "$stamping"
certificate azure metadata.azure.com ca "extendedKeyUsage=serverAuth"
cat "$w/ec2.pem" "$w/gce.pem" "$w/ca.pem" >"$w/clouds.pem"

python3 "$server/witness.py" "$w" 2>"$tmp/witness.err" &
server_pid=$!
trap 'kill $server_pid 2>/dev/null || :; rm -rf "$tmp"' EXIT
wait_for 20 test -e "$w/port"
url=http://127.0.0.1:$(cat "$w/port")
nobody=http://127.0.0.1:9

# capture NAME [option ...]: its directory in $dir, what it said in $tmp/said.
capture() {
	local name=$1

	shift
	expect 3 "$BIN/icecore_fake" capture --case c --to "$tmp/dest" \
		--name "$name" --collect memory -r "$recipient" --cloud none "$@"
	cp "$tmp/err" "$tmp/said"
	dir=$(echo "$tmp"/dest/c/*/"$name")
}
verify=("$BIN/icelab" verify)
json() {
	python3 -c "import json,sys; j=json.load(sys.stdin); print($1)" <"$tmp/out"
}
states="[t['state'] for t in j['timestamps']]"
last() {
	(cd "$1" && echo manifest-*.pb) | tr ' ' '\n' | tail -n 1
}

# A token in the first and in the final manifest.
capture inline --tsa "$url/tsa" --tsa-ca "$w/ca.pem"
inline=$dir
! grep -q "no time stamp" "$tmp/said" || fail "it says that there is none"
expect 3 "${verify[@]}" --tsa-ca "$w/ca.pem" --require-timestamp --json "$dir"
says "manifest 0: there at 20"
says "says CN=A TSA (serial 1"
is "states" "$(json "$states")" "['verified', 'verified']"
expect 3 "${verify[@]}" --json "$dir"
says "was not checked: no --tsa-ca"
is "states" "$(json "$states")" "['not checked', 'not checked']"
expect 2 "${verify[@]}" --require-timestamp "$dir"
says "needs --tsa-ca"
expect 1 "${verify[@]}" --tsa-ca "$w/stranger.pem" --json "$dir"
says "damage: manifest-000000.pb: time-stamp token: certificate verify error"
is "states" "$(json "$states")" "['bad', 'bad']"
expect 1 "${verify[@]}" --tsa-ca /dev/null "$dir"
says "no certificate in it"

# Nobody answers: the request is kept, and answered later.
capture away --tsa "$nobody/tsa"
grep -q "no time stamp; its request is kept" "$tmp/said" || fail "it is silent"
expect 3 "${verify[@]}" --tsa-ca "$w/ca.pem" --json "$dir"
says "no time stamp from a third party; its request is there"
is "states" "$(json "$states")" "['missing', 'missing']"
expect 1 "${verify[@]}" --tsa-ca "$w/ca.pem" --require-timestamp "$dir"
says "damage: manifest-000000.pb: no time stamp from a third party"
mkdir "$tmp/asked"
expect 0 "$BIN/icelab" timestamp "$dir" -o "$tmp/asked"
says "2 requests"
for q in "$tmp/asked"/*.tsq; do
	expect 0 curl -sf -H 'Content-Type: application/timestamp-query' \
		--data-binary "@$q" -o "${q%q}r" "$url/tsa"
	# openssl agrees on what was asked and answered.
	expect 0 openssl ts -verify -queryfile "$q" -in "${q%q}r" -CAfile "$w/ca.pem"
done
expect 3 "${verify[@]}" --tsa-ca "$w/ca.pem" --require-timestamp --json \
	--timestamp-replies "$tmp/asked" "$dir"
is "states" "$(json "$states")" "['verified', 'verified']"
final=$(last "$dir")
cp "$tmp/asked"/*.tsr "$dir"
expect 3 "${verify[@]}" --tsa-ca "$w/ca.pem" --require-timestamp "$dir"
cp "$tmp/asked/${final%pb}tsr" "$dir/manifest-000000.tsr"
expect 1 "${verify[@]}" --tsa-ca "$w/ca.pem" "$dir"
says "damage: manifest-000000.tsr: time-stamp reply: "
echo "<html>" >"$dir/manifest-000000.tsr"
expect 1 "${verify[@]}" "$dir"
says "damage: manifest-000000.tsr: not a time-stamp reply"
head -c 100000 /dev/zero >"$dir/manifest-000000.tsr"
expect 1 "${verify[@]}" "$dir"
says "larger than a reply may be"
expect 1 "$BIN/icelab" timestamp "$dir" -o "$tmp/nowhere"
expect 1 "$BIN/icelab" timestamp "$dir" -o "$tmp/asked"
says "File exists"
expect 2 "$BIN/icelab" timestamp "$dir"

# What is stamped is the SHA-256 of the signature.
protoc --decode=icecore.v1.SignedManifest -I "$PROTO" \
	icecore/v1/manifest.proto <"$dir/manifest-000000.pb" >"$tmp/text"
python3 - "$tmp/text" "$tmp/asked/manifest-000000.tsq" <<-'PY' || fail "not the signature"
	import ast, hashlib, re, sys
	text = open(sys.argv[1]).read()
	signature = ast.literal_eval("b" + re.search(r'^signature: (".*")$', text,
	                                             re.M)[1])
	query = open(sys.argv[2], "rb").read()
	request = ast.literal_eval("b" + re.search(r'^timestamp_request: (".*")$',
	                                           text, re.M)[1])
	sys.exit(0 if hashlib.sha256(signature).digest() in query and
	         request == query else 1)
PY

# The token of another capture.  Nothing but its signer vouches for the last
# manifest's token, so the chain does not see that.
capture other --tsa "$url/tsa"
python3 - "$dir/$(last "$dir")" "$inline/$(last "$inline")" <<-'PY'
	import sys
	def fields(b):
	    at = 0
	    while at < len(b):
	        start = at; number = b[at] >> 3; at += 1; size = shift = 0
	        while True:
	            size |= (b[at] & 127) << shift; shift += 7; at += 1
	            if b[at - 1] < 128: break
	        at += size
	        yield number, b[start:at]
	a, b = (dict(fields(open(p, "rb").read())) for p in sys.argv[1:])
	open(sys.argv[1], "wb").write(a[1] + a[2] + a[3] + b[4])
PY
expect 1 "${verify[@]}" --tsa-ca "$w/ca.pem" "$dir"
says "damage: $(last "$dir"): time-stamp token: message imprint mismatch"

# An authority whose certificate runs out before anybody verifies.
certificate old "Old TSA" ca "$stamping" "$(date -u -d '+8 seconds' +%Y%m%d%H%M%SZ)"
capture expired --tsa "$url/old/tsa" --tsa-ca "$w/ca.pem"
expired() {
	! openssl x509 -in "$w/old.pem" -noout -checkend 0 >/dev/null
}
wait_for 30 expired
expect 3 "${verify[@]}" --tsa-ca "$w/ca.pem" --require-timestamp "$dir"
says "says CN=Old TSA"

# What an authority may answer instead: each time the request is kept.
# refused MODE WORDS
refused() {
	capture "tsa-$1" --tsa "$url/$1/tsa" --tsa-ca "$w/ca.pem"
	[ "$(grep -c "no time stamp; its request is kept" "$tmp/said")" = 2 ] ||
		fail "$1: not told twice"
	grep -qF "$2" "$tmp/said" || fail "$1: '$(cat "$tmp/said")'"
	expect 3 "${verify[@]}" --tsa-ca "$w/ca.pem" "$dir"
	says "its request is there"
}
refused reject "rejection"
refused garbage "not a time-stamp reply"
refused busy "it answers 503"
refused lost "it answers 404"
refused large "too large"
refused replay "mismatch"
for mode in drip stall; do
	start=$SECONDS
	refused $mode ""
	took=$((SECONDS - start))
	if [ "$took" -lt 18 ] || [ "$took" -gt 30 ]; then
		fail "$mode: two questions took $took s"
	fi
done
capture stranger --tsa "$url/tsa" --tsa-ca "$w/stranger.pem"
grep -q "certificate verify error" "$tmp/said" || fail "a stranger's token"
expect 1 "$BIN/icecore_fake" capture --case c --to "$tmp/dest" --name bad \
	--collect memory -r "$recipient" --tsa ftp://x/
says "no http:// or https:// URL"

# The three clouds: good; without certificates; with the wrong ones.
for cloud in aws azure gcp; do
	capture "cloud-$cloud" --cloud "$cloud" --metadata "$url"
	grep -q "identity signed by the cloud cloud=$cloud" "$tmp/said" ||
		fail "$cloud: no identity"
	expect 3 "${verify[@]}" --identity-ca "$w/clouds.pem" --json "$dir"
	says "identity: $cloud, signature verified:"
	is "$cloud" "$(json "j['identity'][0]['signature']")" verified
	expect 3 "${verify[@]}" "$dir"
	says "identity: $cloud, signature not checked:"
	says "not checked: who signed it"
	expect 1 "${verify[@]}" --identity-ca "$w/stranger.pem" "$dir"
	says "damage: identity: $cloud: "
	expect 3 "${verify[@]}" --identity-ca "$w/clouds.pem" "$dir"
	case $cloud in
	aws) says "instanceId=i-0123456789abcdef0 accountId=123456789012" ;;
	azure) says "vmId=02aab8a4-74ef-476e-8182-f6d2ba4166a6" ;;
	gcp) says "instance_id=2875949485074006138" ;;
	esac
done

# Bad documents go into manifest 0 as they are, and are told later.
# deceived CLOUD MODE WORDS
deceived() {
	capture "cloud-$1-$2" --cloud "$1" --metadata "$url/$2"
	expect 1 "${verify[@]}" --identity-ca "$w/clouds.pem" "$dir"
	says "damage: identity: $1: $3"
}
deceived aws tampered "the document is not the one that is signed"
deceived azure nonce "the document's nonce is 1234567890"
deceived azure name "its signer CN=ec2 is not the cloud's"
deceived azure garbage "not a JSON object"
deceived gcp audience "the token's audience is 'somebody'"
deceived gcp none "the token is not signed by RS256"
deceived gcp hs256 "the token is not signed by RS256"
deceived gcp garbage "not a token of three parts"
# Without certificates, too.
expect 1 "${verify[@]}" "$dir"

# What cannot be had is told in manifest 0.
# without CLOUD MODE WORDS
without() {
	local start=$SECONDS

	capture "none-$1-$2" --cloud "$1" --metadata "$url/$2"
	[ $((SECONDS - start)) -le 6 ] || fail "$2 took $((SECONDS - start)) s"
	grep -q "the cloud does not say who this host is cloud=$1" "$tmp/said" ||
		fail "$1 $2: silent"
	expect 3 "${verify[@]}" --identity-ca "$w/clouds.pem" --json "$dir"
	says "identity: none: metadata service"
	says "$3"
	is "signature" "$(json "j['identity'][0]['signature']")" none
}
without aws lost "IMDSv2 token: the service does not have it (404)"
without aws stall "IMDSv2 token (a hop limit of 1 reaches no container): "
without azure stall ""
without gcp busy "the service is busy (503)"
without azure large "too large"
without gcp drip ""
capture none-away --cloud azure --metadata "$nobody"
expect 3 "${verify[@]}" "$dir"
says "identity: none: metadata service"
expect 2 "$BIN/icecore_fake" capture --case c --to "$tmp/dest" \
	-r "$recipient" --cloud mars
says "no cloud 'mars'"

# By what the firmware says.
mkdir "$tmp/dmi"
echo "7783-7084-3265-9085-8269-3286-77" >"$tmp/dmi/chassis_asset_tag"
FAKE_DMI=$tmp/dmi capture auto --cloud auto --metadata "$url"
expect 3 "${verify[@]}" --identity-ca "$w/clouds.pem" "$dir"
says "identity: azure, signature verified:"
done_testing

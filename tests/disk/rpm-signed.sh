#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# rpm-signed.sh DIRECTORY-OF-PROGRAMS
#
# Packages that rpmsign signs, one with RSA, one with Ed25519, by keys that are
# made here: compared with these keys, with one of them, with none; and a database
# that was forged so that everything in it agrees but the signatures.
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
export HOME=$tmp GNUPGHOME=$tmp/gnupg
trap 'gpgconf --kill gpg-agent || :; rm -rf --one-file-system "$tmp"' EXIT

top=$tmp/rpmbuild
root=$tmp/root
db=$root/var/lib/rpm/rpmdb.sqlite
mkdir -m 700 "$GNUPGHOME"
mkdir -p "$top" "$root/var/lib/rpm" "$root/etc"

for name in rsa ed; do
	cat >"$tmp/$name.spec" <<-EOT
		Name: ice$name
		Version: 1
		Release: 1
		Summary: A package of $name
		License: Apache-2.0
		%description
		Of $name.
		%install
		mkdir -p %{buildroot}/usr/bin
		cp /bin/true %{buildroot}/usr/bin/ice$name
		%files
		/usr/bin/ice$name
	EOT
	rpmbuild -bb --quiet --define "_topdir $top" \
		--define "debug_package %{nil}" --define "__os_install_post %{nil}" \
		--define "_build_id_links none" "$tmp/$name.spec" \
		>"$tmp/err" 2>&1 || fail "rpmbuild"
done
install_all() {
	rm -rf "$root/var/lib/rpm"
	mkdir -p "$root/var/lib/rpm"
	rpm --root "$root" --dbpath /var/lib/rpm -i --nodeps --nosignature \
		--noscripts --force "$top"/RPMS/*/*.rpm 2>"$tmp/err" || fail "rpm -i"
}
findings() {
	show finding | python3 -c '
import json, sys
for line in sys.stdin:
    f = json.loads(line)["finding"]
    print(f["technique"], f["evidence"][0]["name"], f["rule"])
' | sort -u
}

gpg --batch --quiet --passphrase '' --quick-gen-key rsa rsa2048 sign never 2>"$tmp/err"
gpg --batch --quiet --passphrase '' --quick-gen-key ed ed25519 sign never 2>"$tmp/err"
gpg --batch --armor --export rsa >"$tmp/rsa.asc"
gpg --batch --export ed >"$tmp/ed.gpg"
cat "$tmp/rsa.asc" >"$tmp/all.asc"
gpg --batch --armor --export ed >>"$tmp/all.asc"

install_all
triage 0 "$root"
is "unsigned, without keys" "$(findings)" ""
triage 0 "$root" --package-keys "$tmp/all.asc"
is "unsigned" "$(findings)" "T1195.002 iceed package.unsigned
T1195.002 icersa package.unsigned"

for name in rsa ed; do
	rpmsign --define "__gpg $(command -v gpg)" \
		--define "_gpg_name $name" --addsign "$top"/RPMS/*/"ice$name"-*.rpm \
		>"$tmp/err" 2>&1 || fail "rpmsign"
done
install_all
triage 0 "$root" --package-keys "$tmp/all.asc"
is "signed" "$(findings)" ""
is "signatures" "$(show package | grep -c DISK_SIGNATURE_GOOD)" 2
triage 0 "$root" --package-keys "$tmp/rsa.asc" --package-keys "$tmp/ed.gpg"
is "signed, keys in two files" "$(findings)" ""
triage 0 "$root" --package-keys "$tmp/ed.gpg"
is "signed by another" "$(findings)" "T1195.002 icersa package.other-key"

"$here/rpm_forge.py" "$db" "A package of" "B package of"
triage 0 "$root"
is "forged, without keys" "$(findings)" ""
triage 0 "$root" --package-keys "$tmp/all.asc"
is "forged" "$(findings)" "T1565.001 iceed package.record-altered
T1565.001 icersa package.record-altered"

triage 2 "$root" --package-keys "$tmp/err"
triage 2 "$root" --package-keys "$tmp/none"
done_testing

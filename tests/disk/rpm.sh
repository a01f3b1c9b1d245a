#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# rpm.sh DIRECTORY-OF-PROGRAMS
#
# A tree with packages that rpmbuild makes and rpm installs, its database in
# each of its three forms: rpm's own SQLite, a hash that Berkeley DB makes of
# the same headers, and ndb, which Debian's rpm cannot write.  Clean it has no
# finding; one byte in a library, and one in the database, have theirs.
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
export HOME=$tmp

top=$tmp/rpmbuild
root=$tmp/root
db=$root/var/lib/rpm
mkdir -p "$top" "$db"

# One that has a file of each kind; %config, %ghost, %doc, a link, setuid.
cat >"$tmp/ice.spec" <<'EOT'
Name: icetool
Version: 1.5
Release: 3
Summary: A package of every kind of file
License: Apache-2.0
%description
Of every kind.
%install
mkdir -p %{buildroot}/usr/bin %{buildroot}/usr/lib64 %{buildroot}/etc
mkdir -p %{buildroot}/usr/share/doc/icetool %{buildroot}/var/log
cp /bin/true %{buildroot}/usr/bin/icetool
cp /bin/true %{buildroot}/usr/bin/icesu
cp /bin/true %{buildroot}/usr/lib64/libice.so.1
ln -s libice.so.1 %{buildroot}/usr/lib64/libice.so
echo a=1 >%{buildroot}/etc/icetool.conf
echo read >%{buildroot}/usr/share/doc/icetool/README
: >%{buildroot}/var/log/icetool.log
%files
/usr/bin/icetool
%attr(4755,root,root) /usr/bin/icesu
/usr/lib64/libice.so
/usr/lib64/libice.so.1
%config(noreplace) /etc/icetool.conf
%doc /usr/share/doc/icetool/README
%ghost /var/log/icetool.log
EOT
sed 's/icetool/icebase/g; s/icesu/icebase-su/g; s/libice/libbase/g' \
	"$tmp/ice.spec" >"$tmp/base.spec"
for spec in ice base; do
	rpmbuild -bb --quiet --define "_topdir $top" \
		--define "debug_package %{nil}" --define "__os_install_post %{nil}" \
		--define "_build_id_links none" --define "__strip /bin/true" \
		"$tmp/$spec.spec" >"$tmp/rpmbuild.log" 2>&1 ||
		fail "rpmbuild: $(tail -n 3 "$tmp/rpmbuild.log")"
done
rpm --root "$root" --dbpath /var/lib/rpm -i --nodeps --nosignature --noscripts \
	"$top"/RPMS/*/*.rpm 2>"$tmp/err" || fail "rpm -i"
echo icehost >"$root/etc/hostname"
rm -f "$root/var/log/icetool.log" "$root/var/log/icebase.log"
is "rpm's own database" "$(find "$db" -name rpmdb.sqlite | wc -l)" 1
cp -a "$root" "$tmp/clean"

findings() {
	show finding | python3 -c '
import json, sys
for line in sys.stdin:
    f = json.loads(line)["finding"]
    if f["severity"] != "SEVERITY_INFO":
        print(f["technique"], f["evidence"][0]["name"], f["rule"])
' | sort -u
}

# form NAME: a fresh tree with its database in that form.
form() {
	rm -rf "$root"
	cp -a "$tmp/clean" "$root"
	[ "$1" != sqlite ] || return 0
	"$here/rpm_forms.py" "$db/rpmdb.sqlite" "$1" "$tmp/form"
	rm -f "$db"/rpmdb.sqlite*
	case $1 in
	ndb) cp "$tmp/form" "$db/Packages.db" ;;
	bdb) db5.3_load -f "$tmp/form" "$db/Packages" ;;
	esac
}

database() {
	case $1 in
	sqlite) echo "$db/rpmdb.sqlite" ;;
	ndb) echo "$db/Packages.db" ;;
	bdb) echo "$db/Packages" ;;
	esac
}

# flip FILE OFFSET
flip() {
	python3 - "$1" "$2" <<'EOT'
import sys
with open(sys.argv[1], "r+b") as f:
    f.seek(int(sys.argv[2]))
    byte = f.read(1)[0]
    f.seek(int(sys.argv[2]))
    f.write(bytes([byte ^ 0x20]))
EOT
}

for kind in sqlite ndb bdb; do
	form "$kind"
	triage 0 "$root"
	is "$kind: findings in a clean tree" "$(findings)" ""
	# The look-up of a few paths, as a running host has it.
	is "$kind: programs that have a reason" \
		"$("$BIN/../tests/clean_rate" "$root" | sed -n '/^with packages/s/;.*//p')" \
		"with packages: 6 programs, libraries and scripts: 0 with a reason, 0 at or above 50"
	is "$kind: packages" "$(show package | python3 -c '
import json, sys
for line in sys.stdin:
    p = json.loads(line)["package"]
    print(p["format"], p["name"], p["version"], p["files"], p["checksums"])' | sort)" \
		"rpm icebase 1.5-3 7 5
rpm icetool 1.5-3 7 5"
	flip "$root/usr/lib64/libice.so.1" 100
	echo b=2 >>"$root/etc/icetool.conf"
	rm "$root/usr/bin/icebase"
	chmod u+s "$root/usr/bin/icetool"
	printf x >>"$root/usr/bin/icesu"
	triage 0 "$root"
	is "$kind: findings" "$(findings)" "T1070.004 /usr/bin/icebase package.code-missing
T1548.001 /usr/bin/icesu package.setuid-changed
T1548.001 /usr/bin/icetool file.setuid
T1554 /usr/lib64/libice.so.1 package.code-changed"

	# The summary of a package lies in what was signed.
	form "$kind"
	places=$(grep -abo 'A package of every kind' "$(database "$kind")")
	[ -n "$places" ] || fail "$kind: no summary in the database"
	# A page may have an older copy, which nobody reads.
	for at in $places; do
		[ "${at%%:*}" = "$at" ] || flip "$(database "$kind")" "${at%%:*}"
	done
	triage 0 "$root"
	is "$kind: a byte of the database" \
		"$(findings)" "T1565.001 icebase package.record-altered
T1565.001 icetool package.record-altered"

	# Cut in its middle: what was before counts, and the rest is a gap.
	form "$kind"
	truncate -s "$(($(stat -c %s "$(database "$kind")") / 2))" \
		"$(database "$kind")"
	triage 3 "$root"
done

form sqlite
printf 'a page that was not merged' >"$db/rpmdb.sqlite-wal"
triage 3 "$root"

# No such database at all, under that name.
for kind in sqlite ndb bdb; do
	form "$kind"
	printf 'not a database of any kind' >"$(database "$kind")"
	triage 3 "$root"
	mkdir "$tmp/other" && mv "$(database "$kind")" "$tmp/other" &&
		mkfifo "$(database "$kind")"
	triage 3 "$root"
	rm -rf "$tmp/other"
done
done_testing

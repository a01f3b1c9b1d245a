#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# shellcheck disable=SC2154 # lib.sh sets tmp
#
# The packages: what is in them, what they need, and that the example of the
# configuration and the unit are right.
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/../scenario/lib.sh"
PATH=$PATH:/usr/sbin:/sbin
top=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
BIN=$(cd "$BIN" && pwd)
build=${BIN%/*}

# package BUILD GENERATOR: into $tmp/GENERATOR.
package() {
	expect 0 cpack --config "$1/CPackConfig.cmake" -G "$2" -B "$tmp/$2"
}
# has LIST WORD ...: each is a line of the file LIST.
has() {
	local list=$1 word

	shift
	for word in "$@"; do
		grep -qxF -- "$word" "$list" || fail "$list has no $word"
		checks=$((checks + 1))
	done
}
agent_files=(/usr/bin/icecore /usr/lib/systemd/system/icecore.service
	/etc/icecore/icecore.conf.example)

package "$build" DEB
version=$(sed -n 's/^project(icecore VERSION \([0-9.]*\).*/\1/p' \
	"$top/CMakeLists.txt")
deb=$tmp/DEB/icecore_${version}_amd64.deb
dpkg-deb -c "$deb" | sed 's/.* \.//' >"$tmp/deb.files"
has "$tmp/deb.files" "${agent_files[@]}"
dpkg-deb -I "$deb" >"$tmp/deb.info"
for lib in libbpf1 libcurl4 libssl3 libelf1 libzstd1 libinih1; do
	grep -q "^ Depends:.*$lib " "$tmp/deb.info" || fail "needs no $lib"
done
is "conffiles" "$(dpkg-deb --ctrl-tarfile "$deb" | tar -xO ./conffiles)" \
	/etc/icecore/icecore.conf.example
for deb in icecore icecore-dkms; do
	mkdir "$tmp/$deb"
	dpkg-deb -e "$(echo "$tmp/DEB/${deb}_$version"_*.deb)" "$tmp/$deb"
	for script in postinst prerm; do
		[ -x "$tmp/$deb/$script" ] || fail "$deb: $script does not run"
		expect 0 shellcheck "$tmp/$deb/$script"
	done
done
expect 0 shellcheck "$tmp/icecore/postrm"
dpkg-deb -c "$tmp/DEB/icelab_${version}_amd64.deb" | sed 's/.* \.//' >"$tmp/lab.files"
has "$tmp/lab.files" /usr/bin/icelab
dpkg-deb -I "$tmp/DEB/icelab_${version}_amd64.deb" >"$tmp/lab.info"
grep -q ' libyara' "$tmp/lab.info" ||
	fail "icelab needs no libyara"

# The module's sources are whole: they build where they are unpacked.
dpkg-deb -x "$tmp/DEB/icecore-dkms_${version}_all.deb" "$tmp/dkms"
source=$tmp/dkms/usr/src/icecore-$version
is "dkms.conf's version" "$(sed -n 's/^PACKAGE_VERSION="\(.*\)"/\1/p' "$source/dkms.conf")" "$version"
for tree in /lib/modules/*/build; do
	expect 0 make -C "$tree" "M=$source" modules
	[ -s "$source/icecore.ko" ] || fail "no icecore.ko of $tree"
	break
done

# An rpm is static: it may name no library.
"$top/deploy/static/build.sh" >/dev/null
package "$top/build/static" RPM
rpm=$(echo "$tmp"/RPM/icecore-"$version"-*.rpm)
rpm -qlp "$rpm" >"$tmp/rpm.files" 2>/dev/null
has "$tmp/rpm.files" "${agent_files[@]}"
! rpm -qp --requires "$rpm" 2>/dev/null | grep -q '\.so' || fail "it needs a library"
is "configuration" "$(rpm -qpc "$rpm" 2>/dev/null)" /etc/icecore/icecore.conf.example
rpm -qp --requires "$tmp"/RPM/icecore-dkms-*.rpm 2>/dev/null | grep -qx dkms ||
	fail "icecore-dkms needs no dkms"
for script in "$top"/deploy/packages/agent/rpm-*; do
	expect 0 shellcheck -s sh "$script"
done

expect 0 "$BIN/icecore" watch --check \
	--config "$top/deploy/packages/icecore.conf.example"
# The unit: nothing in it is unknown to systemd; and how open it is.
sed "s|/usr/bin/icecore|$BIN/icecore|" "$top/deploy/systemd/icecore.service" \
	>"$tmp/icecore.service"
expect 0 systemd-analyze verify "$tmp/icecore.service"
is "what verify says" "$(cat "$tmp/err")" ""
expect 0 systemd-analyze security --offline=yes --threshold=50 \
	"$top/deploy/systemd/icecore.service"
grep -a 'exposure level' "$tmp/out" | sed 's/^[^O]*/# /'
done_testing

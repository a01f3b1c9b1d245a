#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# libcurl.sh [DIR]: libcurl.a of the distribution's own source package in DIR
# (build/static-deps), with HTTP, OpenSSL and c-ares alone: what a static
# icecore links.  The static library that the distribution ships needs a dozen
# more, some of which have no static one; and getaddrinfo() of a static glibc
# wants its shared libraries at run time, which c-ares does not.
#
# Where there is no deb-src entry, the configured sources are taken for it, in
# lists that stay in DIR.  Nothing is installed.  Does nothing when the same
# version is there already.
set -euo pipefail
export LC_ALL=C
top=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
dir=${1:-$top/build/static-deps}

die() {
	printf 'libcurl.sh: %s\n' "$*" >&2
	exit 1
}

version=$(dpkg-query -W -f '${source:Version}' libcurl4-openssl-dev) ||
	die "libcurl4-openssl-dev is not installed"
recipe=$(sha256sum <"${BASH_SOURCE[0]}" | cut -c1-16)
stamp="$version $recipe"
[ "$(cat "$dir/.done" 2>/dev/null)" != "$stamp" ] || exit 0

# sources: deb-src of what is configured as deb, of the distribution alone.
sources() {
	local file suite

	suite=$(sed -n s/^VERSION_CODENAME=//p /etc/os-release)
	mkdir -p "$dir/apt/lists/partial" "$dir/apt/parts"
	for file in /etc/apt/sources.list.d/*.sources; do
		[ ! -e "$file" ] || ! grep -q debian-archive-keyring "$file" ||
			sed 's/^Types:.*/Types: deb-src/' "$file" \
				>"$dir/apt/parts/${file##*/}"
	done
	# Any of them may be missing.
	{ cat /etc/apt/sources.list /etc/apt/sources.list.d/*.list 2>/dev/null ||
		:; } |
		sed -nE 's/^deb(-src)? (.*'"$suite"'.* main.*)/deb-src \2/p' |
		sort -u >"$dir/apt/parts/one.list"
	[ -s "$dir/apt/parts/one.list" ] || rm "$dir/apt/parts/one.list"
	[ -n "$(ls "$dir/apt/parts")" ] || die "no apt source to take the package from"
}

fetch() {
	local options=(-qq -o "APT::Sandbox::User=root"
		-o "Dir::Etc::SourceList=$dir/apt/none"
		-o "Dir::Etc::SourceParts=$dir/apt/parts"
		-o "Dir::State::lists=$dir/apt/lists")

	: >"$dir/apt/none"
	apt-get "${options[@]}" update || die "no list of source packages"
	(cd "$dir" && apt-get "${options[@]}" source --only-source "curl=$version" \
		>"$dir/fetch.log" 2>&1) ||
		{ tail -n 5 "$dir/fetch.log" >&2; die "no source of curl $version"; }
}

build() {
	local off=()
	local name

	for name in dict file ftp gopher imap ldap ldaps manual mqtt pop3 rtsp \
		smb smtp telnet tftp ntlm tls-srp unix-sockets cookies netrc docs \
		alt-svc hsts libcurl-option shared versioned-symbols; do
		off+=("--disable-$name")
	done
	for name in brotli zstd libidn2 libpsl librtmp libssh2 nghttp2 gssapi \
		zlib ca-path; do
		off+=("--without-$name")
	done
	cd "$dir"/curl-*/
	./configure --prefix="$dir" --enable-static --enable-ares \
		--with-openssl --with-ca-fallback --without-ca-bundle \
		"${off[@]}" CFLAGS='-O2 -ffunction-sections -fdata-sections' \
		>"$dir/build.log" 2>&1 ||
		{ tail -n 5 "$dir/build.log" >&2; die "configure of curl"; }
	{
		make -j2 -C lib install
		make -C include install
		make install-pkgconfigDATA
	} >>"$dir/build.log" 2>&1
}

rm -rf "$dir"
mkdir -p "$dir"
dir=$(cd "$dir" && pwd)
sources
fetch
build
rm -rf "$dir"/curl-*/ "$dir/apt"
[ -s "$dir/lib/libcurl.a" ] || die "no libcurl.a came of it"
printf '%s\n' "$stamp" >"$dir/.done"

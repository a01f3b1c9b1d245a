#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# kernels.sh [--update] [CACHE]
#
# Fetch the kernels that guests boot, unpack them below CACHE (build/guest) and
# print one line for each, separated by tabs:
#
#	SHORT-NAME  RELEASE  VMLINUZ  MODULES-DIRECTORY
#
# The newest kernel of each line is found through Debian's meta-packages.
# Nothing is installed.  What is already there is used as it is; --update asks
# the package index again.
set -euo pipefail
export LC_ALL=C
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

metas='6.1 linux-image-cloud-amd64
6.12 linux-image-6.12-cloud-amd64'

update=no
if [ "${1:-}" = --update ]; then
	update=yes
	shift
fi
cache=${1:-$guest_cache}
mkdir -p "$cache"
cache=$(cd "$cache" && pwd)
list=$cache/kernels.tsv

list_is_good() {
	[ -s "$list" ] || return 1
	local vmlinuz modules
	while IFS=$'\t' read -r _ _ vmlinuz modules; do
		[ -r "$vmlinuz" ] && [ -r "$modules/modules.dep" ] || return 1
	done <"$list"
}

# fetch SHORT META: print the line of the kernel that META depends on.
fetch() {
	local package release root tmp
	package=$(apt-cache depends --important "$2" |
		awk '$1 == "Depends:" && $2 ~ /^linux-image-[0-9]/ { print $2; exit }')
	[ -n "$package" ] || die "the package index does not know $2 (apt-get update?)"
	release=${package#linux-image-}
	root=$cache/$release
	if [ ! -e "$root/.done" ]; then
		tmp=$(mktemp -d "$cache/.fetch.XXXXXX")
		chmod 755 "$tmp"
		(cd "$tmp" && apt-get -qq -o APT::Sandbox::User=root download "$package" >&2) ||
			{ rm -rf "$tmp"; die "cannot download $package"; }
		dpkg -x "$tmp"/*.deb "$tmp/root"
		"$(PATH=$PATH:/usr/sbin:/sbin command -v depmod)" \
			-b "$tmp/root" "$release"
		: >"$tmp/root/.done"
		rm -rf "$root"
		mv "$tmp/root" "$root"
		rm -rf "$tmp"
	fi
	printf '%s\t%s\t%s\t%s\n' "$1" "$release" \
		"$root/boot/vmlinuz-$release" "$root/lib/modules/$release"
}

exec 9>"$cache/.lock"
flock 9
if [ $update = yes ] || ! list_is_good; then
	while read -r short meta; do
		fetch "$short" "$meta"
	done <<<"$metas" >"$list.new"
	mv "$list.new" "$list"
fi
cat "$list"

#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# tree.sh [CACHE]
#
# Make a Debian below CACHE (build/disk) as debootstrap makes it, with a server's
# usual packages, and print its directory.  It is made once; tests copy it.
# Mounts that debootstrap wants are made in a mount namespace and end with it.
set -euo pipefail
export LC_ALL=C
PATH=$PATH:/usr/sbin:/sbin
here=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
cache=${1:-$here/build/disk}
suite=bookworm
packages=openssh-server,cron,sudo,logrotate,python3-minimal,systemd,udev,rsyslog

mkdir -p "$cache"
cache=$(cd "$cache" && pwd)
tree=$cache/$suite
exec 9>"$cache/.lock"
flock 9
if [ ! -e "$tree.done" ]; then
	rm -rf "$tree"
	unshare --mount --pid --fork debootstrap --variant=minbase \
		--include="$packages" "$suite" "$tree" >"$cache/debootstrap.log" 2>&1 ||
		{ tail -n 5 "$cache/debootstrap.log" >&2; exit 1; }
	# What only the making of it needed.
	find "$tree/dev" "$tree/var/cache/apt/archives" -mindepth 1 -delete
	rm -rf "$tree/debootstrap"
	: >"$tree.done"
fi
echo "$tree"

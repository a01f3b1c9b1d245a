#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# large.sh [CACHE]
#
# Make a large Debian below CACHE (build/disk): that of tree.sh with the packages
# of large.packages and what they need, as apt installs them, and print its
# directory.  It is made once.  No service starts in it; its mounts and processes
# are in namespaces of their own and end with it.
set -euo pipefail
export LC_ALL=C
PATH=$PATH:/usr/sbin:/sbin
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)

# install TREE: inside the namespaces.
install() {
	local tree=$1 names

	mount -t proc proc "$tree/proc"
	mount -t tmpfs run "$tree/run"
	mount --bind /dev "$tree/dev"
	: >>"$tree/etc/resolv.conf"
	mount --bind /etc/resolv.conf "$tree/etc/resolv.conf"
	chroot "$tree" apt-get update
	# Those that this Debian has.
	names=$(grep -v '^#' "$here/large.packages" | tr ' ' '\n' |
		xargs chroot "$tree" apt-cache policy |
		awk '/^[^ ]/ { name = $1; sub(":$", "", name) }
			/Candidate:/ && $2 != "(none)" { print name }')
	# shellcheck disable=SC2086 # a list of names
	DEBIAN_FRONTEND=noninteractive chroot "$tree" apt-get install -y \
		--no-install-recommends \
		-o Dpkg::Options::=--force-unsafe-io $names
	chroot "$tree" apt-get clean
}

if [ "${1:-}" = --inside ]; then
	install "$2"
	exit
fi
small=$("$here/tree.sh" "$@")
cache=$(dirname "$small")
tree=$cache/large
exec 9>"$cache/.large-lock"
flock 9
if [ ! -e "$tree.done" ]; then
	rm -rf --one-file-system "$tree"
	cp -a "$small" "$tree"
	printf '#!/bin/sh\nexit 101\n' >"$tree/usr/sbin/policy-rc.d"
	chmod 755 "$tree/usr/sbin/policy-rc.d"
	unshare --mount --pid --fork --ipc --uts "$0" --inside "$tree" \
		</dev/null >"$cache/large.log" 2>&1 ||
		{ tail -n 5 "$cache/large.log" >&2; exit 1; }
	rm -f "$tree/usr/sbin/policy-rc.d"
	: >"$tree.done"
fi
echo "$tree"

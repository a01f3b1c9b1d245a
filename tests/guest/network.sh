#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# network.sh KERNEL PROGRAMS
#
# A guest that runs KERNEL (6.1 or 6.12) has open files and sockets of every
# kind, in three network namespaces (network_world.c).  icecore of the directory
# PROGRAMS takes them with all witnesses, without iterators, without sock_diag,
# and without its modules.  Here network-check.py compares what icelab shows
# with what was made.  Prints TAP; fails when a check fails, when fewer checks
# ran than there are, or the guest died.
set -euo pipefail
export LC_ALL=C
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
PATH=$PATH:/usr/sbin:/sbin

[ $# -ge 2 ] || die "usage: network.sh KERNEL PROGRAMS"
kernel=$1 programs=$2
checks=1000

tmp=$(mktemp -d "${TMPDIR:-/tmp}/icecore-network.XXXXXX")
trap 'rm -rf "$tmp"' EXIT
out=$tmp/out
recipient=$("$programs/icelab" keygen -o "$tmp/key")

cat >"$tmp/script" <<'SCRIPT'
hostname guest
. /checks.sh
failed=0
# capture NAME [OPTION...]
capture() {
	name=$1
	shift
	icecore capture --case net --to /out --name "$name" -r "$RECIPIENT" \
		--cloud none --collect file,network "$@" 2>/run/err
	status=$?
	sed 's/^/# /' /run/err
	check "$name: status 0" [ $status -eq 0 ]
}
network_world /out/world.json >/run/world.out 2>&1 &
wait_for [ -s /out/world.json ]
check "the world is there" [ $? -eq 0 ]
sed 's/^/# /' /run/world.out
/bin/nft add table inet watched
check "a table of nf_tables is there" [ $? -eq 0 ]
# Nobody asked for sock_diag yet, and asking would load its modules.
cut -d' ' -f1 /proc/modules | sort >/run/before
capture bare
cut -d' ' -f1 /proc/modules | sort >/run/after
check "a capture loads no module" cmp -s /run/before /run/after
for module in inet_diag tcp_diag udp_diag raw_diag unix_diag netlink_diag \
	af_packet_diag vsock_diag; do
	insmod "/diag/$module.ko" 2>/dev/null
done
capture all
capture proc --no-iterator
capture nodiag --no-diag
check "the kernel complained of nothing" clean_log
exit $failed
SCRIPT

# The modules of sock_diag, for the guest to load in the middle.
guest_kernel "$kernel"
mkdir "$tmp/diag"
find "$guest_modules" -name '*_diag.ko*' | while read -r path; do
	name=${path##*/}
	case $name in
	*.xz) xz -dc "$path" >"$tmp/diag/${name%.xz}" ;;
	*) cp "$path" "$tmp/diag/$name" ;;
	esac
done

show() {
	"$programs/icelab" show "$out/net/guest/$1" -i "$tmp/key" \
		--format jsonl --kind "$2"
}

{
	"$guest_dir/boot.sh" --kernel "$kernel" --timeout 180 --out "$out" \
		--env "RECIPIENT=$recipient" --env OPENSSL_ia32cap=0 \
		--module vsock --module dummy --module nf_tables \
		--add "$tmp/diag:/diag" --add "$(command -v ip):/bin/ip" \
		--add "$(command -v nft):/bin/nft" \
		--add "$programs/icecore:/bin/icecore" \
		--add "$(guest_build network_world):/bin/network_world" \
		--script "$tmp/script" || echo "not ok - the guest: status $?"
	for name in bare all proc nodiag; do
		for kind in file socket netns link route net_rules finding gap; do
			show "$name" "$kind" >"$tmp/$name.$kind" ||
				[ $? -eq 3 ] ||
				echo "not ok - show $name $kind: status $?"
		done
	done
	"$guest_dir/network-check.py" "$out/world.json" "$tmp" ||
		echo "not ok - network-check.py: status $?"
} | guest_judge "$checks"

# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# Shared by the scripts of this directory; sourced, never run.

guest_dir=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
guest_top=$(cd "$guest_dir/../.." && pwd)
guest_cache=${GUEST_CACHE:-$guest_top/build/guest}

die() {
	printf '%s: %s\n' "${0##*/}" "$*" >&2
	exit 126
}

# guest_build NAME: compile NAME.c into a static program when it is missing or
# older than its sources; print its path.
guest_build() {
	local src=$guest_dir/$1.c bin=$guest_cache/bin/$1 tmp

	if [ ! -x "$bin" ] || [ "$src" -nt "$bin" ] ||
		[ -n "$(find "$guest_dir" "$guest_top/kmod/uapi" -name '*.h' \
			-newer "$bin" 2>/dev/null)" ]; then
		mkdir -p "${bin%/*}"
		tmp=$(mktemp "$bin.XXXXXX")
		if ! ${CC:-cc} -std=gnu11 -O2 -Wall -Wextra -Werror -static \
			-I "$guest_top/kmod" -o "$tmp" "$src" -lpthread; then
			rm -f "$tmp"
			die "cannot build $src"
		fi
		mv -f "$tmp" "$bin"
	fi
	printf '%s\n' "$bin"
}

# guest_kernel SHORT: set guest_release, guest_vmlinuz and guest_modules.
guest_kernel() {
	local row

	row=$("$guest_dir/kernels.sh" "$guest_cache" | grep "^$1	") ||
		die "no kernel '$1' (kernels.sh lists them)"
	# shellcheck disable=SC2034 # for the caller
	IFS=$'\t' read -r _ guest_release guest_vmlinuz guest_modules <<<"$row"
}

# guest_has_module NAME: the chosen kernel has NAME as a module or built in.
guest_has_module() {
	local name=${1//-/_}

	grep -Eq "(^|/)${name//_/[-_]}\.ko(\.xz)?(:|\$)" \
		"$guest_modules/modules.builtin" "$guest_modules/modules.dep"
}

# guest_module RELEASE: the newest module that was built for that kernel.
guest_module() {
	find "$guest_top/build" -path "*/kmod/$1/icecore.ko" \
		-printf '%T@ %p\n' 2>/dev/null | sort -n | tail -n 1 |
		cut -d' ' -f2-
}

# guest_rootkit RELEASE: the newest rootkit/rootkit.c that was built for it.
guest_rootkit() {
	find "$guest_top/build" -path "*/rootkit/$1/icetest.ko" \
		-printf '%T@ %p\n' 2>/dev/null | sort -n | tail -n 1 |
		cut -d' ' -f2-
}

# guest_judge LEAST: number the "ok - " lines of stdin, show everything, and
# fail when a check failed or fewer than LEAST ran.
guest_judge() {
	awk -v least="$1" '
		/^(not )?ok - / {
			n++
			bad += /^not /
			sub(/ok -/, "ok " n " -")
		}
		{ print }
		END {
			print "1.." n + 1
			short = n < least
			printf "%s %d - %d checks ran, %d at least\n",
				short ? "not ok" : "ok", n + 1, n, least
			exit bad || short
		}'
}

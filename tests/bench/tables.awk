# SPDX-License-Identifier: Apache-2.0
# From what guest.sh says in the guests of 1 and of 4 GiB to tables.
$1 != "bench" { next }
file1 == "" { file1 = FILENAME }
{
	name = $2
	if (FILENAME != file1) {
		if (name ~ /^capture/)
			resident4[substr(name, 9)] = $5
		next
	}
	n = ++count[name]
	if (name ~ /^read/) {
		value[name, n] = $3 / $4
		if (name == "read idle 1") {
			if ($5 > 0)
				idle_share = 100 * $6 / $5
		} else if ($5 > 0) {
			share = 100 * $6 / $5
			most = share > most ? share : most
			least = !least || share < least ? share : least
		}
		mib = $3
	} else if (name ~ /^sealed/) {
		value[name, n] = $3 / 1024
	} else if (name == "lime-size") {
		lime_mib = $3 / 1048576
	} else {
		value[name, n] = $4
		alone[name, n] = $3
		resident[name] = $5 > resident[name] ? $5 : resident[name]
		cached[name, n] = $6 / 1024
	}
}
function median(v, name, n,   i, j, t, s) {
	for (i = 1; i <= n; i++)
		s[i] = v[name, i]
	for (i = 2; i <= n; i++)
		for (j = i; j > 1 && s[j - 1] > s[j]; j--) {
			t = s[j]; s[j] = s[j - 1]; s[j - 1] = t
		}
	return n % 2 ? s[(n + 1) / 2] : (s[n / 2] + s[n / 2 + 1]) / 2
}
function of(name) { return median(value, name, count[name]) }
function read_row(name, text,   v) {
	if (count["read " name]) {
		v = of("read " name)
		printf "%-34s %8.0f %8.2f\n", text, v, v / of("read pread 1")
	}
}
function disk_row(name, text, peer,   s, sealed) {
	if (!count[name]) return
	s = of(name)
	peer = peer ? peer : "lime"
	printf "%-34s %8.2f %8.0f", text, s, mib / s
	if (count[peer])
		printf " %9.2f %9.2f", of(peer) / s, \
			median(alone, peer, count[peer]) / \
			median(alone, name, count[name])
	else
		printf " %9s %9s", "-", "-"
	printf " %8.0f", median(cached, name, count[name])
	sealed = "sealed " name
	if (count[sealed])
		printf " %8.0f", of(sealed)
	printf "\n"
}
END {
	printf "# Guest of 1 GiB, 2 processors, Linux %s, QEMU emulator (TCG)\n", release
	printf "%.0f MiB of System RAM, %.0f to %.0f %% of the pages are zeros; medians of %d\n\n", \
		mib, least, most, count["read pread 1"]
	printf "%-34s %8s %8s\n", "Reading to nothing", "MiB/s", "times"
	read_row("pread 1", "/proc/kcore, 4 KiB reads, 1 thread")
	read_row("kmod 1", "kmod, 1 thread")
	read_row("kmod 2", "kmod, 2 threads")
	read_row("bpf 1", "bpf, 1 thread")
	read_row("bpf 2", "bpf, 2 threads")
	read_row("kcore 1", "kcore, 1 thread")
	read_row("kcore 2", "kcore, 2 threads")
	printf "\n%-34s %8s %8s %9s %9s %8s %8s\n", "", "s until", "", \
		"times LiME", "without", "Cached", "written"
	printf "%-34s %8s %8s %9s %9s %8s %8s\n", "To ext4 on a virtio disk", \
		"synced", "MiB/s", "synced", "sync", "+MiB", "MiB"
	disk_row("lime", "LiME, format=lime")
	disk_row("clear kmod", "in clear: kmod, O_DIRECT")
	disk_row("clear bpf", "in clear: bpf, O_DIRECT")
	disk_row("clear kcore", "in clear: kcore, O_DIRECT")
	disk_row("capture kmod", "icecore capture, kmod")
	disk_row("capture bpf", "icecore capture, bpf")
	disk_row("capture kcore", "icecore capture, kcore")
	disk_row("fixed kmod", "the same at level -1, kmod")
	disk_row("fastest kmod", "the same at level -7, kmod")
	disk_row("vectors kmod", "the same with vector crypto, kmod")
	if (count["idle kmod"])
		printf "Before memory was filled, %.0f %% zero pages:\n", idle_share
	disk_row("idle-lime", "LiME, format=lime", "idle-lime")
	disk_row("idle kmod", "icecore capture, kmod", "idle-lime")
	disk_row("idle bpf", "icecore capture, bpf", "idle-lime")
	if (count["lime"] && lime_mib < mib - 1)
		printf "LiME wrote only %.0f MiB.\n", lime_mib
	printf "\n%-34s %8s %8s\n", "Peak resident memory, MiB", "1 GiB", "4 GiB"
	for (i = split("kmod bpf kcore", source, " "); i > 0; i--)
		printf "%-34s %8.1f %8.1f\n", "icecore capture, " source[i], \
			resident["capture " source[i]] / 1024, \
			resident4[source[i]] / 1024
	printf "\n"
}

// SPDX-License-Identifier: Apache-2.0
// All that the report has of one process.

const OPEN_MAX = 100; // of each list

function listOf(title, rows, line) {
	if (!rows.length)
		return [];
	const rest = rows.length - OPEN_MAX;
	return [el("h3", null, title + " (" + count(rows.length) + ")"),
		el("ul", { class: "plain" }, rows.slice(0, OPEN_MAX).map((r) =>
			el("li", null, line(r)))),
		rest > 0 ? el("p", { class: "faint" }, "and " + count(rest) + " more") : null];
}

function crumbs(p, go) {
	const chain = [];
	for (let up = p.parent; up && chain.length < 32; up = up.parent)
		chain.unshift(up);
	return el("p", { class: "crumbs" }, chain.map((up) => [
		link([host(processes().name(up)), " " + up.row.pid], () => go(up)), " › "]),
		host(processes().name(p)), " " + p.row.pid);
}

function userOf(row) {
	if (row.uid === null)
		return null;
	return row.uid + (row.euid !== row.uid ? ", effective " + row.euid : "") +
		" (group " + row.gid + ")" + (row.caps && row.caps !== "0x0" ?
		", capabilities " + row.caps : "");
}

function containerOf(row) {
	if (!row.container && !row.pod)
		return null;
	return el("span", null, row.pod ? [host(row.podNamespace), " / ", host(row.pod), " "] : null,
		row.containerName ? [host(row.containerName), " "] : null,
		row.container ? [host(row.runtime), " ", host(row.container.slice(0, 24))] : null);
}

function exeOf(row) {
	const odd = bits(row.exeFlags, [[EXE_DELETED, "deleted"], [EXE_MEMFD, "memfd"],
		[EXE_UPPER, "not of the image"]]);
	return row.exe ? el("span", null, host(row.exe), odd.length ?
		el("b", { class: "warn" }, " " + odd.join(", ")) : null) : null;
}

function processFacts(p) {
	const row = p.row;
	return facts([
		["command", row.argv.length ? host(commandLine(row.argv)) : null],
		["", row.argvCut ? el("b", { class: "warn" }, "the command line was longer than was taken") : null],
		["program", exeOf(row)],
		["directory", row.cwd && host(row.cwd)],
		["root", row.root && row.root !== "/" ? host(row.root) : null],
		["user", userOf(row)],
		["login", row.loginuid !== null && Number(row.loginuid) !== 4294967295 ?
			String(row.loginuid) : null],
		["started", row.start !== null ? moment(bootMoment(row.start)) : null],
		["terminal", row.tty && host(row.tty)],
		["container", containerOf(row)],
		["cgroup", row.cgroup && row.cgroup !== "/" ? host(row.cgroup) : null],
		["state", [row.state, several(row.threads, "thread"), row.rss !== null ?
			bytes(row.rss) + " resident" : null, row.cpu !== null ? seconds(row.cpu) +
			" of processor" : null].filter(Boolean).join(", ")],
		["namespaces", ["net " + row.netns, "pid " + row.pidns, "mnt " + row.mntns].join(", ")],
		["told by", row.seen & SEEN_IMAGE ? "the captured memory" : bits(row.seen, WITNESSES).join(", ")],
	]);
}

function socketLine(s) {
	const peer = s.remoteAddress && Number(s.remotePort) ?
		[" → ", el("b", null, host(address(s.remoteAddress, s.remotePort)))] : null;
	return el("span", null, protocolOf(s) + " ", host(address(s.localAddress, s.localPort)), peer,
		" " + (s.state || "").toLowerCase() + (s.sent !== null ? ", sent " + bytes(s.sent) +
		", received " + bytes(s.received) : ""));
}

function mapLine(m) {
	return el("span", null, host(m.address), " " + bytes(m.bytes) + " ", host(m.protection), " ",
		m.path ? host(m.path) : el("span", { class: "faint" }, "no file"), " ",
		el("b", { class: m.flags & MAP_ALARM ? "bad" : "warn" }, bits(m.flags, MAP_FLAGS).join(", ")));
}

function processDetail(p, go) {
	const all = processes();
	return [crumbs(p, go),
		p.signs.length ? el("ul", { class: "plain" }, [...p.signs].sort((a, b) => b[0] - a[0])
			.map(([s, text]) => el("li", null, severity(s), " ", text))) : null,
		processFacts(p),
		...listOf("Findings", all.of("finding", p), (f) => [severity(f.severity), " ",
			host(f.sentence, true), " ", f.detail ? host(f.detail) : null]),
		...listOf("Sockets", all.of("socket", p), socketLine),
		...listOf("Odd memory", all.of("map", p), mapLine),
		...listOf("Changed code", all.of("code", p), (c) => el("span", null, host(c.address), " ",
			host(c.path), " " + several(c.differing, "byte") + " differ")),
		...listOf("Files only it has, or that reach far", all.of("file", p), (f) =>
			el("span", null, "fd " + f.fd + " " + (f.kind || "").toLowerCase() + " ", host(f.path))),
		...listOf("Binaries", all.of("binary", p), (b) => el("span", null,
			link(host(b.paths[0] || b.sha256), () => app.showBinary(b)), " score " + (b.score ?? 0))),
		...listOf("Memory taken", all.of("core", p), (c) => el("span", null,
			several(c.mappings, "mapping") + ", " + several(c.threads, "thread") +
			(c.frozen ? ", it stood still" : ", it ran meanwhile"))),
		...listOf("Children", p.children, (c) => link([host(all.name(c)), " " + c.row.pid], () => go(c))),
		table("event").rows.length ? el("p", null, link("its events", () => app.showEvents(p))) : null,
	].filter(Boolean);
}

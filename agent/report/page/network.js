// SPDX-License-Identifier: Apache-2.0
// The network: who spoke with whom, how much, in which namespace.

const PROTOCOLS = { 1: "icmp", 6: "tcp", 17: "udp", 33: "dccp", 58: "icmpv6", 132: "sctp", 136: "udplite" };
const FAMILIES = { 2: "", 10: "", 17: "packet", 40: "vsock", 44: "xdp", 21: "rds", 30: "tipc", 31: "bluetooth", 38: "alg" };
const HOLDERS = { 2: "the kernel", 3: "nobody any more", 4: "no process that is known" };
const PICTURE_LINES = 24;

function protocolOf(s) {
	const family = FAMILIES[s.family];
	return family || (PROTOCOLS[s.protocol] || "protocol " + (s.protocol ?? "?")) + (s.family === 10 ? "6" : "");
}

function address(a, port) {
	if (!a)
		return port ? "*:" + port : "*";
	const at = a.includes(":") ? "[" + a + "]" : a;
	return port === null || port === undefined ? at : at + ":" + port;
}

function ownersOf(s) {
	const found = [];
	for (let i = 0; i < s.owners.length; i += 2) {
		const p = processes().byPid.get(s.owners[i]);
		if (p && !found.includes(p))
			found.push(p);
	}
	return found;
}

function holderCell(s) {
	const owners = ownersOf(s);
	if (owners.length)
		return el("span", null, owners.slice(0, 3).map((p) => [link([host(processes().name(p)), " " +
			p.row.pid], () => app.showProcess(p)), " "]), owners.length > 3 ? "+" + (owners.length - 3) : null);
	return el("span", { class: Number(s.holder) === 4 ? "bad" : "faint" }, s.owners.length ?
		"pid " + s.owners[0] : HOLDERS[s.holder] || "–");
}

function isConnected(s) {
	return Boolean(s.remoteAddress) && Number(s.remotePort) > 0;
}

// [{ from, to, bytes, listening }], the most bytes first.
function flows(rows) {
	const found = new Map();
	for (const s of rows) {
		if (!isConnected(s))
			continue;
		const p = ownersOf(s)[0];
		const from = p ? plain(processes().name(p)) + " " + p.row.pid : HOLDERS[s.holder] || "?";
		const to = plain(address(s.remoteAddress, s.remotePort));
		const key = from + "\n" + to;
		const flow = found.get(key) || { from, to, p, sent: 0, received: 0, number: 0 };
		flow.sent += Number(s.sent) || 0;
		flow.received += Number(s.received) || 0;
		flow.number++;
		found.set(key, flow);
	}
	return [...found.values()].sort((a, b) => b.sent + b.received - a.sent - a.received);
}

// Each flow is a line from its process at the left to its peer at the right,
// as thick as what went over it, on a logarithmic scale.
function networkPicture(all) {
	const lines = all.slice(0, PICTURE_LINES), step = 22, high = lines.length * step + 12;
	const right = [...new Set(lines.map((f) => f.to))];
	const left = (i) => 6 + (i + 0.5) * step;
	const peer = (to) => 6 + (right.indexOf(to) + 0.5) * (high - 12) / right.length;
	const cut = (s) => s.length > 38 ? s.slice(0, 37) + "…" : s;
	const node = svg("svg", { viewBox: "0 0 1000 " + high, role: "img",
		"aria-label": "connections of processes to peers" });
	lines.forEach((f, i) => {
		const a = left(i), b = peer(f.to), sum = f.sent + f.received;
		add(node, svg("path", { d: `M 440 ${a} C 560 ${a} 580 ${b} 690 ${b}`, fill: "none",
			stroke: "var(--accent)", "stroke-opacity": 0.5, "stroke-width": 1 + Math.log10(1 + sum) * 0.8 }),
			svg("text", { x: 270, y: a + 4, "text-anchor": "end" }, cut(f.from)),
			svg("text", { x: 430, y: a + 4, "text-anchor": "end", class: "soft" }, sum ?
				"↑ " + bytes(f.sent) + "  ↓ " + bytes(f.received) : ""));
	});
	for (const to of right)
		add(node, svg("text", { x: 700, y: peer(to) + 4 }, cut(to)));
	return el("div", { class: "drawing" }, node, all.length > lines.length ? el("p", { class: "faint" },
		"the " + lines.length + " with the most bytes, of " + count(all.length)) : null);
}

class NetworkView {
	constructor() {
		this.name = "network";
		this.title = "Network";
	}

	number() {
		return table("socket").total;
	}

	build(node) {
		const spaces = table("netns").rows;
		this.search = el("input", { type: "search", placeholder: "search: address, port, process, state",
			"aria-label": "search sockets", oninput: () => this.filter() });
		this.space = el("select", { "aria-label": "network namespace", onchange: () => this.filter() },
			el("option", { value: "" }, "every namespace (" + spaces.length + ")"),
			spaces.map((n) => el("option", { value: n.netns }, n.netns + (n.own ? " (the host's)" : "") +
				", " + several(n.processes ?? 0, "process", "processes"))));
		this.what = el("select", { "aria-label": "which sockets", onchange: () => this.filter() },
			["all", "connected", "listening", "raw and packet"].map((w) => el("option", { value: w }, w)));
		this.found = el("span", { class: "count", role: "status" });
		this.picture = el("div");
		this.table = new LongTable([
			{ name: "process", width: "minmax(9rem,1.2fr)", cell: holderCell, key: (s) => s.owners[0] ?? null },
			{ name: "protocol", width: "5rem", cell: protocolOf, key: protocolOf },
			{ name: "local", width: "minmax(9rem,1fr)", cell: (s) => host(address(s.localAddress, s.localPort)), key: (s) => s.localPort },
			{ name: "peer", width: "minmax(9rem,1fr)", cell: (s) => isConnected(s) ? host(address(s.remoteAddress, s.remotePort)) :
				el("span", { class: "faint" }, s.listening ? "listens" : "–"), key: (s) => s.remoteAddress },
			{ name: "state", width: "7.5rem", cell: (s) => (s.state || "–").toLowerCase(), key: (s) => s.state },
			{ name: "sent", width: "5.5rem", end: true, cell: (s) => bytes(s.sent), key: (s) => Number(s.sent ?? -1) },
			{ name: "received", width: "5.5rem", end: true, cell: (s) => bytes(s.received), key: (s) => Number(s.received ?? -1) },
			{ name: "namespace", width: "6.5rem", end: true, cell: (s) => String(s.netns ?? "–"), key: (s) => s.netns },
		], { label: "sockets", open: (s) => ownersOf(s)[0] && app.showProcess(ownersOf(s)[0]) });
		add(node, firstOf(table("socket")), el("div", { class: "bar" }, this.search, this.what, this.space, this.found),
			this.picture, this.table.all, this.links(),
			el("p", { class: "faint" }, "Sockets of unix and netlink are not in this page: icelab show --kind socket."));
		this.filter();
	}

	links() {
		const odd = table("link").rows.filter((l) => l.promiscuity || l.xdp);
		return odd.length ? el("div", { class: "sheet" }, el("h3", null, "Interfaces that listen to all, or run a program"),
			smallTable([{ name: "interface" }, { name: "namespace" }, { name: "promiscuous" }, { name: "XDP program" }],
				odd.map((l) => [host(l.name), String(l.netns), String(l.promiscuity ?? 0), String(l.xdp ?? "–")]))) : null;
	}

	words(s) {
		return plain([address(s.localAddress, s.localPort), address(s.remoteAddress, s.remotePort), s.state,
			protocolOf(s), ownersOf(s).map((p) => processes().name(p) + " " + p.row.pid).join(" ")].join(" ")).toLowerCase();
	}

	filter() {
		const search = this.search.value.trim().toLowerCase(), space = this.space.value, what = this.what.value;
		const rows = table("socket").rows.filter((s) => (!space || String(s.netns) === space) &&
			(what === "all" || (what === "connected" ? isConnected(s) : what === "listening" ? s.listening :
				s.type === 3 || s.family === 17)) && (!search || this.words(s).includes(search)));
		const all = flows(rows);
		this.table.set(rows);
		this.picture.replaceChildren(all.length ? networkPicture(all) : "");
		this.found.textContent = several(rows.length, "socket");
	}

	print(on) {
		this.table.print(on);
	}
}

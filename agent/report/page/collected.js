// SPDX-License-Identifier: Apache-2.0
// What was collected, by which witness, and what was not.

// What the page may hold the beginning of only.
const LIMITED = [["process", "processes"], ["map", "odd mappings"], ["file", "odd open files"], ["core", "process memories"],
	["code", "changed code"], ["socket", "sockets"], ["netns", "network namespaces"], ["netrefused", "sockets not asked for"],
	["link", "interfaces"], ["event", "events"], ["finding", "findings"], ["binary", "binaries"], ["gap", "gaps"],
	["persistence", "what starts by itself"], ["deviation", "changed files"], ["logged", "events of logs"], ["module", "modules"], ["hook", "hooks"],
	["bpf", "BPF objects"], ["fact", "facts"], ["session", "logins"], ["trigger", "triggers"], ["witness", "witnesses"],
	["source", "sources"], ["recorded", "counts of the recorder"], ["unwatched", "what was not watched"]];

function cutTables() {
	const cut = LIMITED.map(([name, words]) => [table(name), words]).filter(([t]) => t.rows.length < Number(t.total));
	return cut.length ? el("p", { class: "warn" }, "This page holds only the beginning of: " + cut.map(([t, words]) =>
		words + " (the first " + count(t.rows.length) + " of " + count(t.total) + ")").join(", ") +
		". icelab show has them all.") : null;
}

class CollectedView {
	constructor() {
		this.name = "collected";
		this.title = "Collected, and not";
		this.short = "Collected";
	}

	number() {
		return table("gap").total;
	}

	build(node) {
		const c = custody();
		this.gaps = new LongTable([
			{ name: "of", width: "6rem", cell: (g) => g.kind || "–", key: (g) => g.kind },
			{ name: "what", width: "minmax(9rem,1fr)", cell: (g) => host(g.what), key: (g) => g.what },
			{ name: "from", width: "10rem", cell: (g) => host(g.start) },
			{ name: "bytes", width: "6rem", end: true, cell: (g) => g.bytes === null ? "–" : bytes(g.bytes), key: (g) => Number(g.bytes) },
			{ name: "why", width: "minmax(12rem,2fr)", cell: (g) => host(g.reason || (g.status || "").toLowerCase().replaceAll("_", " ")), key: (g) => g.reason },
		], { label: "gaps", height: 340 });
		this.search = el("input", { type: "search", placeholder: "search the gaps", "aria-label": "search the gaps",
			oninput: () => this.filter() });
		add(node, cutTables(), el("h3", null, "Not collected: " + several(table("gap").total, "gap")), firstOf(table("gap")),
			el("div", { class: "bar" }, this.search), this.gaps.all,
			el("div", { class: "columns" },
				el("div", { class: "sheet" }, el("h3", null, "Collected"), el("p", null, "Collectors: ",
					(c.collectors || []).map((x) => [host(x), " "])), smallTable([{ name: "records" }, { name: "number", end: true }],
					Object.entries(c.kinds).map(([kind, n]) => [kind.replaceAll("_", " "), count(n)]))),
				el("div", { class: "sheet" }, this.witnesses(), this.sources(), this.recorder())));
		this.filter();
	}

	witnesses() {
		const rows = table("witness").rows;
		return rows.length ? el("div", null, el("h3", null, "Who told of the processes"), smallTable([{ name: "witness" },
			{ name: "tasks", end: true }, { name: "" }], rows.map((w) => [bits(w.witness, WITNESSES).join(", "), w.worked ? count(w.tasks) : "–",
				el("span", { class: w.worked ? null : "warn" }, w.worked ? "" : "not asked: ", w.reason ? host(w.reason) : null,
					Number(w.lost) ? el("b", { class: "bad" }, " lost " + count(w.lost)) : null)]))) : null;
	}

	sources() {
		const rows = table("source").rows, refused = table("netrefused").rows;
		return el("div", null, rows.length ? [el("h3", null, "Sources of memory, as they were tried"), smallTable([{ name: "source" }, { name: "" }],
			rows.map((s) => [host(s.name), s.opened ? "opened" : el("span", { class: "warn" }, host(s.reason))]))] : null,
		refused.length ? [el("h3", null, "Sockets that were not asked for"), smallTable([{ name: "of" }, { name: "by" }, { name: "why" }],
			refused.slice(0, 40).map((w) => [host(w.what), host(w.witness), host(w.reason)])),
			refused.length > 40 ? el("p", { class: "faint" }, "and " + count(refused.length - 40) + " more") : null] : null);
	}

	recorder() {
		const rows = table("recorded").rows, not = table("unwatched").rows;
		return el("div", null, rows.length ? [el("h3", null, "The recorder's counts"), smallTable([{ name: "kind" }, { name: "happened", end: true },
			{ name: "lost", end: true }, { name: "gave way", end: true }, { name: "here", end: true }], rows.map((r) => [(r.kind || "–").toLowerCase().replaceAll("_", " "),
				count(r.happened), el("span", { class: Number(r.lost) ? "bad" : null }, count(r.lost)), count(Number(r.overwritten) + Number(r.expired)), count(r.written)]))] : null,
		not.length ? [el("h3", null, "What it could not watch"), smallTable([{ name: "program" }, { name: "why" }], not.map((p) => [host(p.name), host(p.reason)]))] : null);
	}

	filter() {
		const search = this.search.value.trim().toLowerCase();
		this.gaps.set(table("gap").rows.filter((g) => !search || plain(g.cells.join(" ")).toLowerCase().includes(search)));
	}

	print(on) {
		this.gaps.print(on);
	}
}

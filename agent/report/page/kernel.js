// SPDX-License-Identifier: Apache-2.0
// The kernel's own state: modules, places that call elsewhere, BPF, settings.

const MODULE_VIEWS = [[1, "/proc/modules"], [2, "/sys/module"], [4, "kallsyms"], [8, "list"], [16, "tree"],
	[32, "kset"], [64, "loader's memory"]];
const REGIONS = ["–", "kernel", "module", "hidden module", "BPF", "trampoline", "data", "unknown"];
const REGION_ALARM = new Set([3, 6, 7]);
const BPF_KINDS = { 1: "program", 2: "map", 3: "link" };
const BPF_VIEWS = [[1, "system call"], [2, "kernel's table"], [4, "fdinfo"]];
const BPF_HELPERS = [[1, "writes to processes"], [2, "overrides returns"], [4, "sends signals"]];

// Those of the views that were asked and did not tell of it.
function silentViews(row, views) {
	return bits(Number(row.asked) & ~Number(row.seen), views);
}

function viewsCell(row, views) {
	const silent = silentViews(row, views);
	return silent.length ? el("b", { class: "bad" }, "not told by " + silent.join(", ")) : "all views agree";
}

class KernelView {
	constructor() {
		this.name = "kernel";
		this.title = "Kernel";
		this.tables = [];
	}

	number() {
		return table("module").total;
	}

	alarm() {
		return table("module").rows.some((m) => silentViews(m, MODULE_VIEWS).length) ||
			table("hook").rows.some((h) => REGION_ALARM.has(h.region));
	}

	build(node) {
		this.search = el("input", { type: "search", placeholder: "search: module, place, symbol, program, setting",
			"aria-label": "search the kernel's state", oninput: () => this.filter() });
		this.every = el("button", { type: "button", "aria-pressed": "false",
			onclick: () => { pressed(this.every, !isPressed(this.every)); this.filter(); } }, "hooks into the kernel itself, too");
		add(node, el("div", { class: "bar" }, this.search, this.every));
		this.modules = this.add(node, "module", "Modules", [
			{ name: "name", width: "minmax(9rem,1fr)", cell: (m) => host(m.name), key: (m) => m.name },
			{ name: "told by", width: "minmax(12rem,1.6fr)", cell: (m) => viewsCell(m, MODULE_VIEWS), key: (m) => m.seen },
			{ name: "taints", width: "5rem", cell: (m) => host(m.taints), key: (m) => m.taints },
			{ name: "bytes", width: "6rem", end: true, cell: (m) => bytes(m.bytes), key: (m) => Number(m.bytes) },
			{ name: "code at", width: "11rem", cell: (m) => host(m.address) },
		]);
		this.hooks = this.add(node, "hook", "Places where the kernel calls what it finds there", [
			{ name: "place", width: "9rem", cell: (h) => host(h.place), key: (h) => h.place },
			{ name: "slot", width: "minmax(9rem,1.2fr)", cell: (h) => host(h.slot), key: (h) => h.slot },
			{ name: "leads to", width: "minmax(9rem,1.2fr)", cell: (h) => el("span", null, host(h.symbol || h.target),
				h.offset ? "+" + h.offset : null, h.module ? [" of ", host(h.module)] : null), key: (h) => h.symbol },
			{ name: "in", width: "7.5rem", cell: (h) => el("span", { class: REGION_ALARM.has(h.region) ? "bad" : null },
				REGIONS[h.region] || "–"), key: (h) => h.region },
		]);
		this.calm = el("p", { class: "faint", role: "status" });
		add(node, this.calm);
		this.programs = this.add(node, "bpf", "BPF", [
			{ name: "kind", width: "5rem", cell: (b) => BPF_KINDS[b.kind] || "–", key: (b) => b.kind },
			{ name: "id", width: "4rem", end: true, cell: (b) => String(b.id ?? "–"), key: (b) => b.id },
			{ name: "name", width: "minmax(8rem,1fr)", cell: (b) => host(b.name), key: (b) => b.name },
			{ name: "told by", width: "minmax(9rem,1fr)", cell: (b) => viewsCell(b, BPF_VIEWS), key: (b) => b.seen },
			{ name: "can", width: "minmax(8rem,1fr)", cell: (b) => el("b", { class: "warn" }, bits(b.helpers, BPF_HELPERS).join(", ")), key: (b) => b.helpers },
			{ name: "held by", width: "8rem", cell: (b) => b.owners.map((pid) => {
				const p = processes().byPid.get(pid);
				return p ? [link([host(processes().name(p)), " " + pid], () => app.showProcess(p)), " "] : pid + " ";
			}) },
		]);
		this.settings = this.add(node, "fact", "What it says of itself", [
			{ name: "name", width: "minmax(12rem,1fr)", cell: (f) => host(f.name), key: (f) => f.name },
			{ name: "value", width: "minmax(12rem,2fr)", cell: (f) => el("span", null, host((f.value || "").replace(/\\x0a$/, "")),
				f.meaning.length ? [" = ", host(f.meaning.join(", "))] : null) },
		]);
		add(node, this.sessions());
		this.filter();
	}

	add(node, name, title, columns) {
		const long = new LongTable(columns, { label: title, height: 300, rowClass: () => "" });
		long.source = table(name);
		add(node, el("h3", null, title + " (" + count(long.source.total) + ")"), firstOf(long.source), long.all);
		this.tables.push(long);
		return long;
	}

	// None of the hooks leads away: that is worth a sentence.
	tellHooks() {
		const all = this.hooks.source.rows.length;
		this.calm.textContent = all && !this.hooks.rows.length && !this.search.value ?
			"All " + count(all) + " lead into the kernel itself." : "";
	}

	sessions() {
		const rows = table("session").rows;
		return rows.length ? el("div", null, el("h3", null, "Who was logged in"), smallTable([{ name: "user" }, { name: "line" },
			{ name: "from" }, { name: "since" }, { name: "pid" }], rows.map((s) => [host(s.user), host(s.line), host(s.host),
				moment(s.at), String(s.pid ?? "–")]))) : null;
	}

	filter() {
		const search = this.search.value.trim().toLowerCase(), every = isPressed(this.every);
		for (const long of this.tables)
			long.set(long.source.rows.filter((row) => (long !== this.hooks || every || search || row.region !== 1) &&
				(!search || plain(row.cells.join(" ")).toLowerCase().includes(search))));
		this.tellHooks();
	}

	print(on) {
		this.tables.forEach((t) => t.print(on));
	}
}

// SPDX-License-Identifier: Apache-2.0
// What the logs of an attached disk say, in the order of their times.

class LogsView {
	constructor() {
		this.name = "logs";
		this.title = "Timeline of the disk";
		this.short = "Timeline";
	}

	number() {
		return table("logged").total;
	}

	build(node) {
		const all = table("logged");
		if (!all.rows.length)
			return add(node, el("p", { class: "faint" }, "No logs of a disk are in this capture."));
		this.sources = [...new Set(all.rows.map((v) => v.source))].sort();
		this.chips = this.sources.map((s) => el("button", { type: "button", class: "chip", "aria-pressed": "true",
			onclick: (e) => { pressed(e.currentTarget, !isPressed(e.currentTarget)); this.filter(); } }, host(s)));
		this.search = el("input", { type: "search", placeholder: "search: text, program, user, address, path",
			"aria-label": "search the timeline", oninput: () => this.filter() });
		this.found = el("span", { class: "count", role: "status" });
		this.table = new LongTable([
			{ name: "time", width: "15rem", cell: (v) => el("span", { title: this.sure(v) }, moment(v.at) +
				(v.sure === 1 ? "" : " ~")), key: (v) => Number(v.at) },
			{ name: "source", width: "6rem", cell: (v) => host(v.source), key: (v) => v.source },
			{ name: "program", width: "8rem", cell: (v) => el("span", null, host(v.program), v.pid === null ? null : " " + v.pid) },
			{ name: "user", width: "6rem", cell: (v) => host(v.user) },
			{ name: "from", width: "9rem", cell: (v) => host(v.address) },
			{ name: "says", width: "minmax(16rem,3fr)", cell: (v) => host(v.text) },
		], { label: "timeline", height: window.innerHeight - 230, open: (v) => this.open(v), printed: () => false });
		this.detail = el("div", { class: "detail" });
		add(node, firstOf(all), el("div", { class: "bar" }, this.search, this.found),
			el("div", { class: "bar kinds" }, this.chips), this.detail, this.table.all);
		this.filter();
		return node;
	}

	sure(v) {
		return v.sure === 2 ? "in the time zone of the disk" : v.sure === 3 ? "when the log was changed last" : "exact";
	}

	words(v) {
		if (v.words === undefined)
			v.words = plain([v.text, v.program, v.user, v.address, v.path].join(" ")).toLowerCase();
		return v.words;
	}

	filter() {
		const search = this.search.value.trim().toLowerCase();
		const sources = new Set(this.sources.filter((s, i) => isPressed(this.chips[i])));
		const rows = table("logged").rows.filter((v) => sources.has(v.source) &&
			(!search || this.words(v).includes(search)));
		this.table.set(rows);
		this.found.textContent = several(rows.length, "event");
	}

	open(v) {
		this.detail.replaceChildren(el("div", { class: "sheet" }, facts([
			["when", moment(v.at) + ", " + this.sure(v)],
			["log", el("span", null, host(v.path), " " + (v.number ?? ""))],
			["who", v.user && host(v.user)], ["from", v.address && host(v.address)],
			["terminal or unit", v.terminal && host(v.terminal)],
			["says", host(v.text)]])));
	}

	print(on) {
		if (this.table)
			this.table.print(on);
	}
}

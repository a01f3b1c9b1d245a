// SPDX-License-Identifier: Apache-2.0
// Files that run or ran, the most suspicious first, and why.

const HOWS = { 1: "runs it", 2: "has it mapped", 3: "has it open", 4: "interprets it", 5: "ran it", 6: "layer" };
const CONTENTS = { 1: "taken whole", 2: "taken in part", 3: "not taken" };

// How mixed the bytes are, from 0 (all the same) to 8 bits (random).
function entropyColour(thousandths) {
	const share = Math.min(thousandths / 8000, 1);
	return share > 0.9 ? "#c2425b" : share > 0.8 ? "#b97a12" :
		"hsl(205 " + Math.round(20 + 45 * share) + "% " + Math.round(78 - 38 * share) + "%)";
}

function entropyBar(parts) {
	const sum = parts.reduce((n, [, , size]) => n + (Number(size) || 0), 0) || 1;
	const bar = el("div", { class: "entropy", role: "img", "aria-label": "entropy by section" });
	for (const [name, , size, entropy] of parts) {
		const piece = el("span", { title: plain(name) + " " + bytes(size) + ": " + (entropy / 1000).toFixed(2) + " bits a byte" });
		piece.style.background = entropyColour(entropy);
		piece.style.flexGrow = String(Math.max((Number(size) || 0) / sum * 1000, 4));
		add(bar, piece);
	}
	return bar;
}

function partsTable(parts) {
	return smallTable([{ name: "part" }, { name: "bytes", end: true }, { name: "bits a byte", end: true }, { name: "" }],
		parts.slice(0, 40).map(([name, offset, size, entropy]) => {
			const bar = svg("svg", { viewBox: "0 0 100 8", width: 100, height: 8 },
				svg("rect", { x: 0, y: 0, width: entropy / 80, height: 8, fill: entropyColour(entropy) }));
			return [name ? host(name) : "at " + count(offset), count(size), (entropy / 1000).toFixed(2), bar];
		}));
}

function binaryDetail(b) {
	const parts = b.sections.length ? b.sections : b.segments;
	return [
		el("h3", null, host(b.paths[0])),
		b.reasons.length ? el("ul", { class: "plain" }, b.reasons.map(([rule, weight, sentence, detail, technique]) =>
			el("li", null, el("b", { class: weight >= 50 ? "bad" : "warn" }, String(weight)), " ", host(sentence || rule, true),
				detail ? [": ", host(detail)] : null, technique ? el("span", { class: "faint" }, " ATT&CK ", host(technique)) : null))) :
			el("p", { class: "faint" }, "nothing against it"),
		facts([
			["SHA-256", b.sha256 ? host(b.sha256) : null],
			["size", count(b.bytes) + " bytes"],
			["changed", b.mtime !== null ? moment(b.mtime) : null],
			["owner", b.uid !== null ? "uid " + b.uid + ", mode " + (Number(b.mode) & 0o7777).toString(8) : null],
			["package", b.package ? host(b.package) : null],
			["content", CONTENTS[b.content] ? el("span", null, CONTENTS[b.content], b.contentReason ? [": ", host(b.contentReason)] : null) : null],
			["script", b.script && host(b.script)],
			["made by", b.madeBy && host(b.madeBy)],
			["words", b.marks.length ? host(b.marks.join(", ")) : null],
			["imports", b.imports.length ? host(b.imports.join(", ")) : null],
			["behind its end", b.overlay ? bytes(b.overlay) : null],
			["executed", b.times ? several(b.times, "time") : null],
			["also at", b.paths.length > 1 ? el("span", null, b.paths.slice(1, 12).map((p) => [host(p), " "])) : null],
		]),
		b.uses.length ? el("h3", null, "Used by (" + count(b.usesNumber ?? b.uses.length) + ")") : null,
		el("ul", { class: "plain" }, b.uses.map(([pid, start, how]) => {
			const p = processes().byKey.get(processKey(pid, start));
			return el("li", null, p ? link([host(processes().name(p)), " " + pid], () => app.showProcess(p)) :
				"pid " + pid + " (gone)", " " + (HOWS[how] || ""));
		})),
		parts.length ? [el("h3", null, "Entropy"), entropyBar(parts), partsTable(parts)] : null,
	].flat().filter(Boolean);
}

class BinariesView {
	constructor() {
		this.name = "binaries";
		this.title = "Binaries";
	}

	number() {
		return table("binary").total;
	}

	alarm() {
		return table("binary").rows.some((b) => b.score >= 80);
	}

	build(node) {
		this.search = el("input", { type: "search", placeholder: "search: path, hash, reason, package",
			"aria-label": "search binaries", oninput: () => this.filter() });
		this.found = el("span", { class: "count", role: "status" });
		this.table = new LongTable([
			{ name: "score", width: "4rem", end: true, cell: (b) => el("b", { class: b.score >= 50 ? "bad" : b.score ? "warn" : "faint" },
				String(b.score ?? 0)), key: (b) => b.score ?? 0 },
			{ name: "file", width: "minmax(12rem,1.4fr)", cell: (b) => host(b.paths[0]), key: (b) => b.paths[0] },
			{ name: "why", width: "minmax(9rem,1.2fr)", cell: (b) => host(b.reasons.map((r) => r[0]).join(", ")) },
			{ name: "bytes", width: "6rem", end: true, cell: (b) => bytes(b.bytes), key: (b) => Number(b.bytes) },
			{ name: "package", width: "7rem", cell: (b) => host(b.package), key: (b) => b.package },
		], { label: "binaries", height: window.innerHeight - 190, open: (b) => this.open(b), printed: (b) => b.score > 0 });
		this.detail = el("aside", { class: "sheet detail", "aria-label": "binary" }, el("p", { class: "faint" }, "Choose a file."));
		add(node, firstOf(table("binary")), el("div", { class: "bar" }, this.search, this.found),
			el("div", { class: "columns wide" }, this.table.all, this.detail), this.disk());
		this.filter();
	}

	disk() {
		const own = table("persistence"), changed = table("deviation");
		const judged = [...own.rows].sort((a, b) => (b.reason ? 1 : 0) - (a.reason ? 1 : 0));
		return el("div", null, own.rows.length ? [el("h3", null, "What starts by itself (" + count(own.total) + ")"),
			firstOf(own), smallTable([{ name: "kind" }, { name: "where" }, { name: "runs" }, { name: "why it is odd" }],
				judged.slice(0, 200).map((p) => [host(p.kind), el("span", null, host(p.path), p.line ? ":" + p.line : null),
					host(p.runs || p.text), p.reason ? host(p.reason) : ""]))] : null,
		changed.rows.length ? [el("h3", null, "Files that are not as their package has them (" + count(changed.total) + ")"),
			smallTable([{ name: "file" }, { name: "how" }, { name: "package" }], changed.rows.slice(0, 200).map((d) =>
				[host(d.path), (d.deviation || "").toLowerCase().replaceAll("_", " "), host(d.package)]))] : null);
	}

	filter() {
		const search = this.search.value.trim().toLowerCase();
		const rows = table("binary").rows.filter((b) => !search || plain([b.paths.join(" "), b.sha256, b.package,
			b.reasons.map((r) => r[0] + " " + r[2]).join(" ")].join(" ")).toLowerCase().includes(search))
			.sort((a, b) => (b.score ?? 0) - (a.score ?? 0));
		this.table.set(rows);
		this.found.textContent = several(rows.length, "file");
	}

	open(b) {
		this.detail.replaceChildren(...binaryDetail(b));
	}

	show(b) {
		this.search.value = "";
		this.filter();
		this.table.choose(this.table.rows.indexOf(b), true);
	}

	print(on) {
		this.table.print(on);
	}
}

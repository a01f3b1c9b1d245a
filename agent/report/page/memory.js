// SPDX-License-Identifier: Apache-2.0
// Physical memory, drawn small: what each piece holds, who read it and when.

const WHATS = [["data", "#3d7fb5"], ["zero", "#c9d6e0"], ["of private mappings", "#7a5cc0"],
	["doubtful zeros", "#d9a441"], ["missing", "#c2425b"]];
const SOURCES = [["nobody", "#9aa7b3"], ["kernel module", "#3d7fb5"], ["BPF", "#3a9d6e"],
	["/proc/kcore", "#b97a12"], ["/dev/mem", "#7a5cc0"]];
const PAGE_BYTES = 4096;

// The worst thing in a cell stands for it, else what most of it is.
function whatOf(cell) {
	for (const worst of [4, 3, 2])
		if (cell[worst])
			return worst;
	return cell[1] > cell[0] ? 1 : cell[0] ? 0 : 1;
}

class MemoryView {
	constructor() {
		this.name = "memory";
		this.title = "Memory";
	}

	build(node) {
		const data = wholeData("memory");
		this.map = data.map;
		this.cells = this.map.cells;
		if (!this.cells.length) {
			add(node, el("p", { class: "faint" }, "No physical memory belongs to this capture, or manifest 0 is not proved."));
			return;
		}
		this.mode = "what";
		this.at = -1;
		this.canvas = el("canvas", { tabindex: 0, role: "img", "aria-label": "map of physical memory; arrows walk through it",
			onkeydown: (e) => this.key(e), onpointermove: (e) => this.point(e) });
		this.legend = el("div", { class: "legend" });
		this.told = el("p", { role: "status" }, "Point at a piece, or walk with the arrows.");
		const modes = data.read ? [["what", "what it holds"], ["source", "who read it"], ["time", "when"]] : [["what", "what it holds"]];
		this.buttons = modes.map(([mode, name]) => el("button", { type: "button", "aria-pressed": String(mode === "what"),
			onclick: (e) => this.choose(mode, e.currentTarget) }, name));
		const times = this.cells.filter((c) => c[6] > 0);
		this.begin = times.reduce((a, c) => Math.min(a, c[6]), Infinity);
		this.end = times.reduce((a, c) => Math.max(a, c[7]), 0);
		add(node, el("p", null, bytes(this.map.ramBytes) + " of System RAM in " + several(this.map.ranges.length, "range") +
			", " + bytes(this.map.cellBytes) + " a piece. " + (times.length ? "Read in " + seconds(this.end - this.begin) +
			": what was read last is that much newer than what was read first." : "")),
			data.read ? null : el("p", { class: "faint" }, "The memory was not read for this report: the map is of the manifests."),
			el("div", { class: "bar" }, this.buttons), el("div", { class: "drawing" }, this.canvas, this.legend, this.told),
			this.totals(), el("h3", null, "Ranges"), smallTable([{ name: "from" }, { name: "bytes", end: true }],
				this.map.ranges.slice(0, 64).map(([start, n]) => [host(start), count(n)])));
		new ResizeObserver(() => this.draw()).observe(this.canvas);
		this.draw();
	}

	totals() {
		const sums = WHATS.map((_, i) => this.cells.reduce((n, c) => n + c[i], 0));
		return el("div", { class: "figures" }, WHATS.map(([name], i) => el("div", { class: "figure" },
			el("b", { class: i > 2 && sums[i] ? "bad" : null }, bytes(sums[i] * PAGE_BYTES)), el("span", null, name))));
	}

	choose(mode, button) {
		this.mode = mode;
		this.buttons.forEach((b) => pressed(b, b === button));
		this.draw();
	}

	colourOf(cell) {
		if (this.mode === "what")
			return WHATS[whatOf(cell)][1];
		if (this.mode === "source")
			return SOURCES[cell[5]][1];
		if (!cell[6])
			return SOURCES[0][1];
		const share = (cell[6] - this.begin) / Math.max(1, this.end - this.begin);
		return "hsl(" + Math.round(205 - 165 * share) + " 60% " + Math.round(45 + 10 * share) + "%)";
	}

	draw() {
		const wide = this.canvas.clientWidth || 900, ratio = window.devicePixelRatio || 1;
		this.side = Math.max(7, Math.floor(Math.sqrt(wide * 420 / this.cells.length)));
		this.across = Math.floor(wide / this.side);
		const high = Math.ceil(this.cells.length / this.across) * this.side;
		this.canvas.style.height = high + "px";
		this.canvas.width = wide * ratio;
		this.canvas.height = high * ratio;
		const g = this.canvas.getContext("2d");
		g.scale(ratio, ratio);
		this.cells.forEach((cell, i) => {
			g.fillStyle = this.colourOf(cell);
			g.fillRect(i % this.across * this.side, Math.floor(i / this.across) * this.side, this.side - 1, this.side - 1);
		});
		if (this.at >= 0) {
			g.strokeStyle = colour("ink");
			g.lineWidth = 2;
			g.strokeRect(this.at % this.across * this.side, Math.floor(this.at / this.across) * this.side, this.side - 1, this.side - 1);
		}
		this.drawLegend();
	}

	drawLegend() {
		const used = this.mode === "what" ? WHATS.filter((_, i) => i < 2 || this.cells.some((c) => c[i])) :
			this.mode === "source" ? SOURCES.filter((_, i) => this.cells.some((c) => c[5] === i)) :
			[["first", "hsl(205 60% 45%)"], ["halfway", "hsl(122 60% 50%)"], ["last", "hsl(40 60% 55%)"]];
		this.legend.replaceChildren(...used.map(([name, c]) => {
			const mark = el("i");
			mark.style.background = c;
			return el("span", null, mark, name);
		}));
	}

	// The physical address of the byte ${flat} of RAM, end to end.
	address(flat) {
		let before = 0;
		for (const [start, n] of this.map.ranges) {
			if (flat < before + Number(n))
				return "0x" + (BigInt(start) + BigInt(flat - before)).toString(16);
			before += Number(n);
		}
		return "the end";
	}

	tell(i) {
		const cell = this.cells[i];
		if (!cell)
			return;
		this.at = i;
		this.draw();
		this.told.textContent = "From " + this.address(i * Number(this.map.cellBytes)) + ": " + WHATS.map(([name], k) =>
			cell[k] ? several(cell[k], "page") + " " + name : null).filter(Boolean).join(", ") +
			(cell[6] ? "; by " + SOURCES[cell[5]][0] + ", " + seconds(cell[6] - this.begin) + " to " +
			seconds(cell[7] - this.begin) + " after the first" : "");
	}

	point(e) {
		const box = this.canvas.getBoundingClientRect();
		this.tell(Math.floor((e.clientY - box.top) / this.side) * this.across + Math.floor((e.clientX - box.left) / this.side));
	}

	key(e) {
		const step = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -this.across, ArrowDown: this.across }[e.key];
		if (!step)
			return;
		this.tell(Math.min(Math.max(this.at + step, 0), this.cells.length - 1));
		e.preventDefault();
	}

	print() {
		if (this.cells.length)
			this.draw();
	}
}

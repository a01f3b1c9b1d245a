// SPDX-License-Identifier: Apache-2.0
// A table of any length, of which only what is in sight is in the document.
//
//	columns: [{ name, width, cell(row) -> node or text, key(row), end }]
//	options: { label, height, open(row), rowClass(row), fold(row, open), printed }
//
// Without key() a column cannot be sorted by.

const ROW_PX = 26, AHEAD = 8, PRINTED_ROWS = 150;

class LongTable {
	constructor(columns, options) {
		this.columns = columns;
		this.options = options || {};
		this.rows = [];
		this.chosen = -1;
		this.sortedBy = null;
		this.grid = columns.map((c) => c.width || "1fr").join(" ");
		this.build();
	}

	build() {
		this.heads = el("div", { class: "heads", role: "row" });
		this.heads.style.gridTemplateColumns = this.grid;
		this.columns.forEach((c) => add(this.heads, this.head(c)));
		this.spacer = el("div", { class: "spacer" });
		this.scroll = el("div", { class: "scroll", role: "grid", tabindex: 0,
			"aria-label": this.options.label,
			onscroll: () => this.draw(), onkeydown: (e) => this.key(e) },
			this.spacer);
		this.node = el("div", { class: "table" }, this.heads, this.scroll);
		this.paper = el("div", { class: "printed" });
		this.all = el("div", { class: "long" }, this.node, this.paper);
		this.scroll.longTable = this;
		new ResizeObserver(() => this.draw()).observe(this.scroll);
	}

	head(c) {
		if (!c.key)
			return el("span", { class: c.end ? "cell end" : "cell" }, c.name);
		return el("button", { type: "button", class: c.end ? "cell end" : "cell",
			onclick: () => this.sort(c) }, c.name);
	}

	sort(c) {
		const down = this.sortedBy === c ? !this.down : Boolean(c.end);
		this.sortedBy = c;
		this.down = down;
		const keyed = this.rows.map((row) => [c.key(row), row]);
		const order = (a, b) => a === b ? 0 : a === null || a === undefined ? 1 :
			b === null || b === undefined ? -1 : a < b ? -1 : 1;
		keyed.sort((a, b) => down ? order(b[0], a[0]) : order(a[0], b[0]));
		this.set(keyed.map((k) => k[1]), true);
		for (const [i, head] of [...this.heads.children].entries())
			head.setAttribute("aria-sort", this.columns[i] !== c ? "none" :
				down ? "descending" : "ascending");
	}

	// Show these rows; the chosen one stays chosen while it is among them.
	set(rows, sorted) {
		const kept = this.rows[this.chosen];
		this.rows = rows;
		if (!sorted)
			this.sortedBy = null;
		this.chosen = kept ? rows.indexOf(kept) : -1;
		const most = this.options.height || 0.62 * window.innerHeight;
		const want = Math.max(rows.length, 1) * ROW_PX + 2;
		this.scroll.style.height = Math.min(want + 14, Math.max(most, 130)) + "px";
		this.spacer.style.height = rows.length * ROW_PX + "px";
		this.scroll.setAttribute("aria-rowcount", rows.length);
		this.drawn = null;
		this.draw();
	}

	draw() {
		const top = this.scroll.scrollTop, high = this.scroll.clientHeight || 400;
		const from = Math.max(0, Math.floor(top / ROW_PX) - AHEAD);
		const to = Math.min(this.rows.length,
			Math.ceil((top + high) / ROW_PX) + AHEAD);
		const now = from + ":" + to + ":" + this.chosen;
		if (this.drawn === now)
			return;
		this.drawn = now;
		const nodes = [];
		for (let i = from; i < to; i++)
			nodes.push(this.row(i));
		if (!this.rows.length)
			nodes.push(el("div", { class: "none" }, "nothing"));
		this.spacer.replaceChildren(...nodes);
	}

	row(i) {
		const row = this.rows[i];
		const node = el("div", { role: "row", "aria-rowindex": i + 1,
			"aria-selected": String(i === this.chosen), class: "row " +
			(this.options.rowClass ? this.options.rowClass(row) : ""),
			onclick: () => this.choose(i, true) });
		node.style.top = i * ROW_PX + "px";
		node.style.gridTemplateColumns = this.grid;
		for (const c of this.columns)
			add(node, el("div", { role: "gridcell",
				class: c.end ? "cell end" : "cell" }, c.cell(row)));
		return node;
	}

	choose(i, open) {
		if (i < 0 || i >= this.rows.length)
			return;
		this.chosen = i;
		const y = i * ROW_PX, high = this.scroll.clientHeight;
		if (y < this.scroll.scrollTop)
			this.scroll.scrollTop = y;
		else if (y + ROW_PX > this.scroll.scrollTop + high)
			this.scroll.scrollTop = y + ROW_PX - high;
		this.drawn = null;
		this.draw();
		if (open && this.options.open)
			this.options.open(this.rows[i]);
	}

	key(e) {
		const page = Math.max(1, Math.floor(this.scroll.clientHeight / ROW_PX) - 1);
		const steps = { ArrowDown: 1, ArrowUp: -1, PageDown: page, PageUp: -page,
			Home: -this.rows.length, End: this.rows.length };
		const whole = e.key === "Home" || e.key === "End";
		const row = this.rows[this.chosen];
		if (e.key in steps) {
			const to = this.chosen < 0 && !whole ? 0 : this.chosen + steps[e.key];
			this.choose(Math.min(Math.max(to, 0), this.rows.length - 1), false);
		} else if (e.key === "Enter" && row && this.options.open) {
			this.options.open(row);
		} else if (row && this.options.fold &&
			(e.key === "ArrowLeft" || e.key === "ArrowRight")) {
			this.options.fold(row, e.key === "ArrowRight");
		} else {
			return;
		}
		e.preventDefault();
		e.stopPropagation();
	}

	// On paper: the beginning, and how much there is beside it.
	print(on) {
		if (!on) {
			this.paper.replaceChildren();
			return;
		}
		const chosen = this.options.printed ? this.rows.filter(this.options.printed) :
			this.rows;
		const rows = chosen.slice(0, PRINTED_ROWS);
		const rest = this.rows.length - rows.length;
		this.paper.replaceChildren(
			smallTable(this.columns, rows.map((r) => this.columns.map((c) => c.cell(r)))),
			el("p", { class: "faint" }, (rest ? "and " + count(rest) +
				" more, which are not on paper; " : "") + "texts of more than three lines are cut on paper"));
	}
}

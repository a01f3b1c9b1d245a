// SPDX-License-Identifier: Apache-2.0
// What the flight recorder saw: density over time, and the events themselves.

const EVENT_GROUPS = [
	["process", ["EXEC", "FORK", "EXIT"], "#4a90c4"],
	["network", ["TCP_CONNECT", "TCP_ACCEPT", "TCP_CLOSE", "UDP_FLOW", "DNS"], "#3a9d6e"],
	["memory", ["MEMFD", "MPROTECT", "MMAP"], "#b97a12"],
	["power", ["PTRACE", "MODULE", "BPF_LOAD", "BPF_ATTACH", "CREDS", "KILL", "MOUNT", "NAMESPACE", "UNLINK"], "#c2425b"],
];
const ALARMING = new Set(["MEMFD", "PTRACE", "MODULE", "BPF_LOAD", "BPF_ATTACH", "UNLINK", "KILL"]);

const groupOf = new Map(EVENT_GROUPS.flatMap(([, kinds], i) => kinds.map((k) => [k, i])));

// When it was triggered, in microseconds since boot; null = not told.
function triggerAt() {
	const t = table("trigger").rows.find((row) => row.seenBoot !== null);
	const live = table("clock").rows[0], clock = custody().clock;
	return t ? Number(t.seenBoot) : live ? Number(live.boottime) :
		clock ? Number(clock.boottime_ns) / 1e3 : null;
}

function pressed(button, on) {
	button.setAttribute("aria-pressed", String(on));
}

function isPressed(button) {
	return button.getAttribute("aria-pressed") === "true";
}

// The density of events over [from, to], on a canvas that can be dragged.
class Timeline {
	constructor(changed) {
		this.changed = changed;
		this.canvas = el("canvas", { tabindex: 0, role: "img",
			"aria-label": "events over time; plus and minus zoom, arrows move, 0 shows all",
			onkeydown: (e) => this.key(e), onwheel: (e) => this.wheel(e),
			onpointerdown: (e) => this.down(e), onpointermove: (e) => this.move(e),
			onpointerup: (e) => this.up(e) });
		this.canvas.style.height = "110px";
		this.rows = [];
		new ResizeObserver(() => this.draw()).observe(this.canvas);
	}

	range(from, to) {
		this.first = this.from = from;
		this.last = this.to = Math.max(to, from + 1);
	}

	set(rows) {
		this.rows = rows;
		this.draw();
	}

	zoom(factor, at) {
		const span = Math.max((this.to - this.from) * factor, 1000);
		const share = (at - this.from) / (this.to - this.from);
		this.from = Math.max(this.first, at - span * share);
		this.to = Math.min(this.last, this.from + span);
		this.changed();
	}

	shift(share) {
		const by = (this.to - this.from) * share;
		const to = Math.min(Math.max(this.to + by, this.first + this.to - this.from), this.last);
		this.from += to - this.to;
		this.to = to;
		this.changed();
	}

	key(e) {
		const middle = (this.from + this.to) / 2;
		if (e.key === "+" || e.key === "=")
			this.zoom(0.5, middle);
		else if (e.key === "-")
			this.zoom(2, middle);
		else if (e.key === "0") {
			this.from = this.first;
			this.to = this.last;
			this.changed();
		} else if (e.key === "ArrowLeft" || e.key === "ArrowRight")
			this.shift(e.key === "ArrowLeft" ? -0.2 : 0.2);
		else
			return;
		e.preventDefault();
		e.stopPropagation();
	}

	at(e) {
		const box = this.canvas.getBoundingClientRect();
		return this.from + (e.clientX - box.left) / box.width * (this.to - this.from);
	}

	wheel(e) {
		e.preventDefault();
		this.zoom(e.deltaY < 0 ? 0.7 : 1.4, this.at(e));
	}

	down(e) {
		this.marked = [this.at(e), this.at(e)];
		this.canvas.setPointerCapture(e.pointerId);
	}

	move(e) {
		if (!this.marked)
			return;
		this.marked[1] = this.at(e);
		this.draw();
	}

	up() {
		const [a, b] = (this.marked || [0, 0]).sort((x, y) => x - y);
		this.marked = null;
		if (b - a > (this.to - this.from) / 200) {
			this.from = a;
			this.to = b;
			this.changed();
		}
		this.draw();
	}

	bins(n) {
		const bins = EVENT_GROUPS.map(() => new Uint32Array(n));
		const scale = n / (this.to - this.from);
		for (const e of this.rows) {
			const i = Math.floor((e.at - this.from) * scale);
			if (i >= 0 && i < n)
				bins[groupOf.get(e.kind) ?? 3][i]++;
		}
		return bins;
	}

	draw() {
		const wide = this.canvas.clientWidth || 900, high = 110;
		const ratio = window.devicePixelRatio || 1;
		this.canvas.width = wide * ratio;
		this.canvas.height = high * ratio;
		const g = this.canvas.getContext("2d");
		g.scale(ratio, ratio);
		const n = Math.max(20, Math.floor(wide / 4)), bins = this.bins(n);
		let most = 1;
		for (let i = 0; i < n; i++)
			most = Math.max(most, bins.reduce((sum, b) => sum + b[i], 0));
		const tall = (v) => v ? Math.max(1.5, Math.sqrt(v / most) * (high - 26)) : 0;
		for (let i = 0; i < n; i++) {
			const sum = bins.reduce((s, b) => s + b[i], 0);
			let y = high - 18;
			bins.forEach((b, group) => {
				const h = sum ? tall(sum) * b[i] / sum : 0;
				g.fillStyle = EVENT_GROUPS[group][2];
				g.fillRect(i * wide / n, y - h, wide / n - 0.5, h);
				y -= h;
			});
		}
		this.marks(g, wide, high);
	}

	marks(g, wide, high) {
		const x = (at) => (at - this.from) / (this.to - this.from) * wide;
		g.font = "11px system-ui, sans-serif";
		g.fillStyle = colour("faint");
		const trigger = triggerAt();
		for (let i = 0; i <= 4; i++) {
			const at = this.from + (this.to - this.from) * i / 4;
			g.textAlign = i === 0 ? "left" : i === 4 ? "right" : "center";
			g.fillText(trigger === null ? seconds(at) : (at >= trigger ? "+" : "−") +
				seconds(Math.abs(at - trigger)), x(at), high - 4);
		}
		if (trigger !== null && trigger >= this.from && trigger <= this.to) {
			g.fillStyle = colour("bad");
			g.fillRect(x(trigger) - 1, 0, 2, high - 16);
			g.textAlign = x(trigger) > wide / 2 ? "right" : "left";
			g.fillText(" trigger ", x(trigger), 11);
		}
		if (this.marked) {
			g.fillStyle = colour("accent") + "40";
			g.fillRect(x(this.marked[0]), 0, x(this.marked[1]) - x(this.marked[0]), high - 16);
		}
	}
}

class EventsView {
	constructor() {
		this.name = "events";
		this.title = "Events";
	}

	number() {
		return table("event").total;
	}

	build(node) {
		const all = table("event");
		this.only = null;
		if (!all.rows.length) {
			add(node, el("p", { class: "faint" }, "No flight recorder ran on this host, or it had seen nothing."));
			this.table = null;
			return;
		}
		this.search = el("input", { type: "search", placeholder: "search: what, process, pid, address",
			"aria-label": "search events", oninput: () => this.filter() });
		this.found = el("span", { class: "count", role: "status" });
		this.kinds = [...new Set(all.rows.map((e) => e.kind))].sort();
		this.chips = this.kinds.map((k) => el("button", { type: "button", "aria-pressed": "true",
			onclick: (e) => { pressed(e.target, !isPressed(e.target)); this.filter(); } },
			(k || "–").toLowerCase().replaceAll("_", " ")));
		this.line = new Timeline(() => this.filter());
		const [from, to] = all.rows.reduce(([a, b], e) => [Math.min(a, e.at), Math.max(b, e.at)],
			[Infinity, -Infinity]);
		const trigger = triggerAt();
		this.line.range(trigger !== null && trigger < from ? trigger : from,
			trigger !== null && trigger > to ? trigger * 1.0 : to);
		this.table = new LongTable([
			{ name: "when", width: "7rem", end: true, cell: (e) => this.when(e), key: (e) => Number(e.at) },
			{ name: "kind", width: "7.5rem", cell: (e) => el("span", { class: ALARMING.has(e.kind) ? "bad" : null },
				(e.kind || "–").toLowerCase().replaceAll("_", " ")), key: (e) => e.kind },
			{ name: "process", width: "minmax(8rem,.8fr)", cell: (e) => el("span", null, host(e.comm), " " +
				(e.pid ?? "")), key: (e) => e.pid },
			{ name: "uid", width: "4rem", end: true, cell: (e) => String(e.uid ?? "–"), key: (e) => e.uid },
			{ name: "what", width: "minmax(14rem,3fr)", cell: (e) => host(e.what) },
		], { label: "events", height: window.innerHeight - 390, open: (e) => this.open(e),
			printed: (e) => ALARMING.has(e.kind) });
		this.detail = el("div");
		add(node, firstOf(all), this.recorder(), el("div", { class: "drawing" }, this.line.canvas,
			el("div", { class: "legend" }, EVENT_GROUPS.map(([name, , c]) => {
				const mark = el("i");
				mark.style.background = c;
				return el("span", null, mark, name);
			}), el("span", { class: "faint" }, "drag to zoom in; + − and 0 by key"))),
			el("div", { class: "bar" }, this.search, this.found,
				el("button", { type: "button", onclick: () => this.setKinds(true) }, "all kinds"),
				el("button", { type: "button", onclick: () => this.setKinds(false) }, "none")),
			el("div", { class: "bar kinds" }, this.chips), this.detail, this.table.all);
		this.filter();
		setTimeout(() => this.prepare(0), 50);
	}

	recorder() {
		const r = table("recorder").rows[0];
		const lost = table("recorded").rows.reduce((n, c) => n + Number(c.lost), 0);
		const gone = table("recorded").rows.reduce((n, c) => n + Number(c.overwritten) + Number(c.expired), 0);
		return r ? el("p", { class: lost ? "warn" : "faint" }, "The recorder ran for " +
			seconds(Number(r.ended) - Number(r.began)) + " and kept the last " +
			seconds(Number(r.ended) - Number(r.oldest)) + "; " + (lost ? several(lost, "event") +
			" were lost for want of room, " : "none was lost, ") + several(gone, "older one") + " gave way.") : null;
	}

	when(e) {
		const trigger = triggerAt();
		return trigger === null ? seconds(e.at) : (e.at >= trigger ? "+" : "−") + seconds(Math.abs(e.at - trigger));
	}

	setKinds(on) {
		this.chips.forEach((c) => pressed(c, on));
		this.filter();
	}

	words(e) {
		if (e.text === undefined)
			e.text = (plain(e.comm) + " " + e.pid + " " + plain(e.what) + " " + (e.container || "")).toLowerCase();
		return e.text;
	}

	// While nobody waits: what the first search would have to make.
	prepare(from) {
		const rows = table("event").rows, to = Math.min(from + 4000, rows.length);
		for (let i = from; i < to; i++)
			this.words(rows[i]);
		if (to < rows.length)
			setTimeout(() => this.prepare(to), 4);
	}

	filter() {
		const search = this.search.value.trim().toLowerCase();
		const kinds = new Set(this.kinds.filter((k, i) => isPressed(this.chips[i])));
		const rows = table("event").rows.filter((e) => kinds.has(e.kind) &&
			(!this.only || (e.pid === this.only.row.pid && (e.start === null || e.start === this.only.row.start))) &&
			(!search || this.words(e).includes(search)));
		this.line.set(rows);
		const inSight = rows.filter((e) => e.at >= this.line.from && e.at <= this.line.to);
		this.table.set(inSight);
		this.found.replaceChildren(several(inSight.length, "event"), this.only ? el("span", null, " of ",
			host(processes().name(this.only)), " " + this.only.row.pid + " ",
			link("of all", () => { this.only = null; this.filter(); })) : "");
	}

	ofProcess(p) {
		if (!this.table)
			return;
		this.only = p;
		this.search.value = "";
		this.setKinds(true);
		this.table.scroll.focus();
	}

	open(e) {
		const p = processes().byKey.get(processKey(e.pid, e.start)) || null;
		this.detail.replaceChildren(el("div", { class: "sheet" }, facts([
			["when", moment(bootMoment(e.at)) + ", " + this.when(e) + " from the trigger"],
			["kind", (e.kind || "–").toLowerCase().replaceAll("_", " ")],
			["process", el("span", null, p ? link([host(e.comm), " " + e.pid], () => app.showProcess(p)) :
				[host(e.comm), " " + e.pid + " (gone)"], ", parent " + e.ppid + ", uid " + e.uid)],
			["container", e.container && host(e.container)],
			["what", host(e.what)]])));
	}

	print(on) {
		if (this.table)
			this.table.print(on);
	}
}

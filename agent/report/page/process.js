// SPDX-License-Identifier: Apache-2.0
// Processes: who began whom, and what is known of each.

const EXE_DELETED = 1, EXE_MEMFD = 2, EXE_UPPER = 4;
const SEEN_PROC = 2;
const MAP_FLAGS = [[1, "executable, of no file"], [2, "writable and executable"],
	[4, "executable stack"], [8, "executable heap"], [16, "memfd"],
	[32, "file deleted"], [64, "code not as in its file"]];
const MAP_ALARM = 1 | 2 | 4 | 8 | 64;
const WITNESSES = [[1, "iterator in the kernel"], [2, "/proc"], [4, "list of tasks"],
	[8, "scheduler"], [16, "signal"], [32, "kernel module"]];
// As a walk of the captured memory has it, which is no witness of the host.
const SEEN_IMAGE = 65536;

function processKey(pid, start) {
	return pid + ":" + start;
}

// Where in ${index} what belongs to (pid, start) is collected.
function collect(index, pid, start, what) {
	const key = processKey(pid, start);
	const list = index.get(key);
	if (list)
		list.push(what);
	else
		index.set(key, [what]);
}

class Processes {
	constructor() {
		this.table = table("process");
		this.byKey = new Map();
		this.byPid = new Map();
		this.belongings = {};
		// What the live picture has comes first, and stands.
		const told = [...this.table.rows].sort((a, b) => (a.seen & SEEN_IMAGE) - (b.seen & SEEN_IMAGE));
		for (const row of told) {
			if (row.seen & SEEN_IMAGE && this.byKey.has(processKey(row.pid, row.start)))
				continue;
			const p = { row, children: [], parent: null, open: true, worst: 0, signs: [] };
			this.byKey.set(processKey(row.pid, row.start), p);
			this.byPid.set(row.pid, p);
		}
		this.all = [...this.byKey.values()];
		this.linkParents();
		this.gather();
		this.all.forEach((p) => this.judge(p));
	}

	linkParents() {
		this.roots = [];
		for (const p of this.all) {
			const parent = this.byPid.get(p.row.realPpid ?? p.row.ppid);
			if (parent && parent !== p && !this.isBelow(parent, p)) {
				p.parent = parent;
				parent.children.push(p);
			} else {
				this.roots.push(p);
			}
		}
		const byPid = (a, b) => a.row.pid - b.row.pid;
		this.roots.sort(byPid);
		this.all.forEach((p) => p.children.sort(byPid));
	}

	// Evidence that lies may have a process that is its own ancestor.
	isBelow(p, ancestor) {
		for (let steps = 0; p && steps < 4096; p = p.parent, steps++)
			if (p === ancestor)
				return true;
		return Boolean(p);
	}

	gather() {
		const own = this.belongings;
		for (const name of ["map", "file", "core", "code"]) {
			own[name] = new Map();
			for (const row of table(name).rows)
				collect(own[name], row.pid, row.start, row);
		}
		for (const name of ["socket", "binary", "finding"])
			own[name] = new Map();
		for (const row of table("socket").rows)
			for (let i = 0; i < row.owners.length; i += 2) {
				const p = this.byPid.get(row.owners[i]);
				if (p)
					collect(own.socket, p.row.pid, p.row.start, row);
			}
		for (const row of table("binary").rows)
			for (const [pid, start] of row.uses)
				collect(own.binary, pid, start, row);
		for (const row of table("finding").rows)
			for (const p of this.ofFinding(row))
				collect(own.finding, p.row.pid, p.row.start, row);
	}

	// The processes that a finding speaks of, each once.
	ofFinding(row) {
		const found = new Set();
		for (const [, pid, start] of row.evidence) {
			const p = start === null ? this.byPid.get(pid) :
				this.byKey.get(processKey(pid, start));
			if (p)
				found.add(p);
		}
		return [...found];
	}

	of(name, p) {
		return this.belongings[name].get(processKey(p.row.pid, p.row.start)) || [];
	}

	// What is odd about it, in words, and how bad that is.
	judge(p) {
		const sign = (severity, text) => {
			p.signs.push([severity, text]);
			p.worst = Math.max(p.worst, severity);
		};
		for (const f of this.of("finding", p))
			sign(Number(f.severity), plain(f.sentence || f.rule));
		if (p.row.exeFlags & EXE_MEMFD)
			sign(4, "runs from memory only (memfd)");
		else if (p.row.exeFlags & EXE_DELETED)
			sign(3, "its program was deleted");
		if (p.row.exeFlags & EXE_UPPER)
			sign(2, "its program is not of the container's image");
		if (p.row.seen & SEEN_IMAGE)
			sign(5, "only the captured memory tells of it: the running system did not");
		else if (p.row.seen !== null && !(p.row.seen & SEEN_PROC) && table("witness").rows
			.some((w) => w.witness === SEEN_PROC && w.worked))
			sign(3, "/proc did not tell of it");
		if (this.of("map", p).some((m) => m.flags & MAP_ALARM))
			sign(2, "odd executable memory");
		if (p.row.tracer)
			sign(2, "traced by " + p.row.tracer);
	}

	name(p) {
		return p.row.comm || (p.row.exe || "").split("/").pop() || "?";
	}

	words(p) {
		if (p.words === undefined)
			p.words = (p.row.pid + " " + plain(p.row.comm) + " " + plain(p.row.exe) + " " +
				plain(commandLine(p.row.argv)) + " uid " + (p.row.uid ?? "") + " " +
				plain(p.row.pod) + " " + plain(p.row.podNamespace) + " " +
				plain(p.row.container)).toLowerCase();
		return p.words;
	}
}

let processesMade = null;

function processes() {
	if (!processesMade)
		processesMade = new Processes();
	return processesMade;
}

// The rows in sight: of a search what it finds, with its ancestors.
function treeRows(all, search, oddOnly) {
	const wanted = search || oddOnly ? new Set() : null;
	if (wanted)
		for (const p of all.all)
			if ((!oddOnly || p.worst > 1) && (!search || all.words(p).includes(search)))
				for (let up = p; up && !wanted.has(up); up = up.parent)
					wanted.add(up);
	const rows = [], stack = all.roots.map((p) => [p, 0]).reverse();
	while (stack.length) {
		const [p, depth] = stack.pop();
		if (wanted && !wanted.has(p))
			continue;
		p.depth = depth;
		rows.push(p);
		if (p.open || wanted)
			for (let i = p.children.length - 1; i >= 0; i--)
				stack.push([p.children[i], depth + 1]);
	}
	return rows;
}

function processCell(all, p, view) {
	const mark = p.children.length ? el("button", { type: "button", class: "fold",
		tabindex: -1, "aria-label": p.open ? "fold" : "unfold",
		onclick: (e) => { e.stopPropagation(); view.fold(p, !p.open); } },
		p.open ? "▾" : "▸") : el("span", { class: "fold" }, "");
	const cell = el("span", null, mark, host(all.name(p)));
	cell.style.paddingLeft = Math.min(p.depth, 24) * 14 + "px";
	cell.style.display = "block";
	return cell;
}

function worstCell(p) {
	return p.worst > 1 ? severity(p.worst) : "";
}

class ProcessView {
	constructor() {
		this.name = "processes";
		this.title = "Processes";
	}

	number() {
		return table("process").total;
	}

	build(node) {
		const all = processes();
		this.search = el("input", { type: "search", placeholder: "search: name, command, pid, pod",
			"aria-label": "search processes", oninput: () => this.filter() });
		this.odd = el("button", { type: "button", "aria-pressed": "false",
			onclick: () => { pressed(this.odd, !isPressed(this.odd)); this.filter(); } },
			"odd only");
		this.found = el("span", { class: "count", role: "status" });
		this.table = new LongTable([
			{ name: "process", width: "minmax(13rem, 1.1fr)", cell: (p) => processCell(all, p, this) },
			{ name: "pid", width: "4.5rem", end: true, cell: (p) => String(p.row.pid) },
			{ name: "", width: "5.2rem", cell: worstCell },
			{ name: "uid", width: "4rem", end: true, cell: (p) => String(p.row.uid ?? "–") },
			{ name: "command", width: "minmax(8rem, 2fr)", cell: (p) => p.row.argv.length ?
				host(commandLine(p.row.argv)) : el("span", { class: "faint" },
					p.row.kernel ? "kernel thread" : "–") },
		], { label: "process tree", height: window.innerHeight - 190, open: (p) => this.open(p),
			fold: (p, open) => this.fold(p, open), printed: (p) => p.worst > 1 || !p.row.kernel });
		this.detail = el("aside", { class: "sheet detail", "aria-label": "process" },
			el("p", { class: "faint" }, "Choose a process: ↑ ↓ and Enter, or click. ← → fold."));
		add(node, firstOf(all.table), el("div", { class: "bar" }, this.search, this.odd,
			el("button", { type: "button", onclick: () => this.foldAll(false) }, "fold all"),
			el("button", { type: "button", onclick: () => this.foldAll(true) }, "unfold all"),
			this.found),
			el("div", { class: "columns wide" }, this.table.all, this.detail));
		this.filter();
	}

	filter() {
		const rows = treeRows(processes(), this.search.value.trim().toLowerCase(),
			isPressed(this.odd));
		this.table.set(rows);
		this.found.textContent = several(rows.length, "row") + " of " +
			count(processes().all.length);
	}

	fold(p, open) {
		if (p.children.length && p.open !== open) {
			p.open = open;
			this.filter();
		} else if (!open && p.parent) {
			this.table.choose(this.table.rows.indexOf(p.parent), false);
		}
	}

	foldAll(open) {
		for (const p of processes().all)
			p.open = open;
		this.filter();
	}

	open(p) {
		this.detail.replaceChildren(...processDetail(p, (other) => this.show(other)));
	}

	// From elsewhere: whatever hides it gives way.
	show(p) {
		this.search.value = "";
		pressed(this.odd, false);
		for (let up = p.parent; up; up = up.parent)
			up.open = true;
		this.filter();
		this.table.choose(this.table.rows.indexOf(p), true);
		this.table.scroll.focus();
	}

	print(on) {
		this.table.print(on);
	}
}

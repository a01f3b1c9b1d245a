// SPDX-License-Identifier: Apache-2.0
// The data of the report: tables that are parsed when they are first asked
// for.  A row stays the array that it is in JSON; at(row) is read by column.

const parsed = new Map();

function parseData(name) {
	const node = document.getElementById("data-" + name);
	const data = JSON.parse(node.textContent);
	node.remove();
	return data;
}

function wholeData(name) {
	if (!parsed.has(name))
		parsed.set(name, parseData(name));
	return parsed.get(name);
}

// { name, total, rows: [object], shown }: each row is an object by column,
// made once.
function table(name) {
	if (parsed.has(name))
		return parsed.get(name);
	const data = parseData(name);
	const Row = rowClass(data.columns);
	const made = { name, total: data.total, rows: data.rows.map((r) => new Row(r)) };
	parsed.set(name, made);
	return made;
}

// Getters on the array: no copy of 200,000 rows.
function rowClass(columns) {
	class Row {
		constructor(cells) {
			this.cells = cells;
		}
	}
	columns.forEach((column, i) => Object.defineProperty(Row.prototype, column,
		{ get() { return this.cells[i]; } }));
	return Row;
}

function custody() {
	return wholeData("custody");
}

// "the first N of M", or nothing when it is all.
function firstOf(t) {
	return t.rows.length < Number(t.total) ?
		el("p", { class: "warn" }, "This page holds the first " +
			count(t.rows.length) + " of " + count(t.total) +
			"; icelab show has them all.") : null;
}

// Boot time in microseconds as a moment, by the clock that the host told.
function bootMoment(us) {
	const base = bootBase();
	return base === null || us === null || us === undefined ? null :
		base + Number(us);
}

// The moment of boot in microseconds since 1970; null when it is not told.
function bootBase() {
	const clock = custody().clock, live = table("clock").rows[0];
	if (live && live.realtime !== null && live.boottime !== null)
		return Number(live.realtime) - Number(live.boottime);
	return clock ? (Number(clock.realtime_ns) - Number(clock.boottime_ns)) / 1e3 : null;
}

// SPDX-License-Identifier: Apache-2.0
// Findings, the worst first, each with what it was found in.

const SEVERITIES = ["not told", "info", "low", "medium", "high", "critical"];

function severity(n) {
	const s = Math.min(Math.max(Number(n) || 0, 0), 5);
	return el("span", { class: "badge s" + s }, SEVERITIES[s]);
}

// How many there are of each, the worst first: [[severity, number], ...]
function findingCounts() {
	const counts = new Map();
	for (const f of table("finding").rows)
		counts.set(Number(f.severity), (counts.get(Number(f.severity)) || 0) + 1);
	return [...counts].sort((a, b) => b[0] - a[0]);
}

function rankedFindings() {
	return [...table("finding").rows].sort((a, b) => b.severity - a.severity);
}

function evidenceOf(f) {
	return f.evidence.map(([kind, pid, start, id, netns, name]) => {
		const p = pid === null ? null : start === null ? processes().byPid.get(pid) :
			processes().byKey.get(processKey(pid, start));
		const about = [kind ? kind.replaceAll("_", " ") : "record",
			name ? [" ", host(name)] : null, id ? [" ", host(id)] : null,
			netns ? " in network namespace " + netns : null];
		return el("span", null, p ? link([host(processes().name(p)), " " + pid],
			() => app.showProcess(p)) : pid !== null ? "pid " + pid : null,
			p || pid !== null ? " · " : null, about, "  ");
	});
}

function findingNode(f) {
	return el("article", { class: "finding" }, el("div", null, severity(f.severity)),
		el("div", null, el("div", null, host(f.sentence || f.rule, true)),
			f.detail ? el("div", null, host(f.detail)) : null,
			el("div", { class: "about" }, host(f.rule), f.technique ?
				[" · ATT&CK ", host(f.technique)] : null, " · ", evidenceOf(f))));
}

const FINDINGS_AT_ONCE = 300;

class FindingsView {
	constructor() {
		this.name = "findings";
		this.title = "Findings";
	}

	number() {
		return table("finding").total;
	}

	alarm() {
		return table("finding").rows.some((f) => f.severity >= 4);
	}

	build(node) {
		this.search = el("input", { type: "search", placeholder: "search: sentence, rule, technique",
			"aria-label": "search findings", oninput: () => this.filter() });
		this.found = el("span", { class: "count", role: "status" });
		this.least = el("select", { "aria-label": "least severity", onchange: () => this.filter() },
			SEVERITIES.map((s, i) => el("option", { value: i }, i ? s + " and worse" : "all")));
		this.list = el("div", { class: "sheet" });
		add(node, firstOf(table("finding")), el("div", { class: "bar" }, this.search, this.least,
			this.found), this.list);
		this.filter();
	}

	filter() {
		const search = this.search.value.trim().toLowerCase(), least = Number(this.least.value);
		const rows = rankedFindings().filter((f) => f.severity >= least && (!search ||
			plain([f.sentence, f.rule, f.technique, f.detail].join(" "))
				.toLowerCase().includes(search)));
		this.found.textContent = several(rows.length, "finding");
		this.list.replaceChildren(...rows.slice(0, FINDINGS_AT_ONCE).map(findingNode));
		if (!rows.length)
			add(this.list, el("p", { class: "faint" }, table("finding").total ? "nothing like that" :
				"No rule found anything. That is no proof that there is nothing."));
		if (rows.length > FINDINGS_AT_ONCE)
			add(this.list, el("p", { class: "warn" }, "and " + count(rows.length -
				FINDINGS_AT_ONCE) + " more: narrow the search"));
	}

	print() {}
}

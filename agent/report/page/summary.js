// SPDX-License-Identifier: Apache-2.0
// What a tired person needs first: can the evidence be relied on, what was
// found, what is missing.

const VERDICTS = {
	"complete": ["good", "The evidence is whole, as it was signed; nothing that was asked for is missing."],
	"complete with gaps": ["warn", "The evidence is whole, as it was signed, but parts could not be taken."],
	"partial": ["warn", "The capture ended early: what is here is as it was signed, but more should be."],
	"damaged": ["bad", "The evidence is not as it was signed. Do not rely on it before you know why."],
};

function verdictNode() {
	const c = custody();
	const [tone, sentence] = VERDICTS[c.verdict] || ["bad", c.verdict];
	const end = c.ending;
	return el("div", { class: "verdict " + tone }, el("h3", null, "The evidence"),
		el("p", { class: "sentence" }, sentence),
		end && end.outcome !== "complete" ? el("p", null, "It ended: " + end.outcome + ". ",
			host(end.reason)) : null,
		!end ? el("p", null, "There is no valid final manifest; it is told up to the last valid one.") : null,
		c.collectors ? el("p", null, takenSentence(c)) : null,
		c.damage_number ? el("ul", { class: "plain" }, c.damage.slice(0, 8).map((d) =>
			el("li", null, host(d)))) : null,
		c.damage_number > 8 ? el("p", null, link("all " + count(c.damage_number),
			() => app.show("custody"))) : null);
}

// What was asked for, so that nobody takes what was not for what is not there.
const COLLECTORS = ["process", "file", "network", "event", "binary", "core", "kernel", "integrity", "memory"];

function takenSentence(c) {
	const not = COLLECTORS.filter((name) => !c.collectors.includes(name));
	return ["Asked for: ", host(c.collectors.join(", "), true), not.length && !c.collectors.includes("disk") ?
		[". ", el("b", null, "Not asked for: " + not.join(", "))] : null, "."];
}

// What the rules found, and the processes that look odd without a rule.
function foundNode() {
	const counts = findingCounts(), worst = rankedFindings()[0];
	const odd = processes().all.filter((p) => p.worst > 2).length;
	const tone = worst && worst.severity >= 4 ? "bad" : worst || odd ? "warn" : "good";
	const about = odd ? several(odd, "process stands", "processes stand") + " out." : "No process stands out.";
	return el("div", { class: "verdict " + tone }, el("h3", null, "The host"),
		el("p", { class: "sentence" }, worst ? host(capital(worst.sentence || worst.rule), true) :
			"No rule found anything."),
		el("p", null, worst ? "The worst of " + counts.map(([s, n]) => count(n) + " " + SEVERITIES[s]).join(", ") +
			(counts.length === 1 && counts[0][1] === 1 ? " finding. " : " findings. ") :
			"That is no proof that there is nothing. ", about),
		worst ? el("p", null, evidenceOf(worst)) : null, el("p", { class: "faint" }, walkedSentence()));
}

function walkedSentence() {
	const walk = table("inspected").rows[0];
	if (!walk)
		return Number(custody().system_ram_bytes) ? "The captured memory was not walked: icelab report --inspect does." : "";
	return "The captured memory was walked: " + several(walk.tasks, "thread") + ", " + several(walk.sockets, "socket") +
		", " + several(walk.findings, "finding") + (walk.gaps ? "; not all of it could be looked at." : ".");
}

function capital(sentence) {
	return sentence.charAt(0).toUpperCase() + sentence.slice(1);
}

// ${one} and ${many}: what it is a number of.
function number(n, one, many, go) {
	return figure(count(n), Number(n) === 1 ? one : many, go);
}

function figure(value, name, go) {
	return el("button", { type: "button", class: "figure", onclick: go },
		el("b", null, value), el("span", null, name));
}

// Of an attached disk nothing runs.
function diskFigures(end, show) {
	return el("div", { class: "figures" },
		number(table("finding").total, "finding", "findings", show("findings")),
		number(end ? end.gaps : table("gap").total, "gap", "gaps", show("collected")),
		number(table("deviation").total, "changed file", "changed files", show("binaries")),
		number(table("persistence").total, "thing that starts by itself", "things that start by themselves", show("binaries")),
		number(table("logged").total, "event of logs", "events of logs", show("logs")));
}

function figures() {
	const c = custody(), end = c.ending, show = (view) => () => app.show(view);
	if (c.collectors && c.collectors.join() === "disk")
		return diskFigures(end, show);
	const sockets = table("socket").rows;
	return el("div", { class: "figures" },
		number(table("finding").total, "finding", "findings", show("findings")),
		number(end ? end.gaps : table("gap").total, "gap", "gaps", show("collected")),
		number(table("process").total, "process", "processes", show("processes")),
		number(sockets.filter((s) => s.listening).length, "listening socket", "listening sockets", show("network")),
		number(sockets.filter(isConnected).length, "connection", "connections", show("network")),
		number(table("event").total, "recorder event", "recorder events", show("events")),
		number(table("binary").rows.filter((b) => b.score >= 50).length, "suspicious binary", "suspicious binaries", show("binaries")),
		figure(end && Number(c.system_ram_bytes) ? bytes(end.memory_bytes) : "–", "memory held" + (end && Number(end.memory_gap_bytes) ?
			", " + bytes(end.memory_gap_bytes) + " missing" : ""), show("memory")));
}

function triggerNode() {
	const c = custody();
	const list = table("trigger").rows.map((t) => el("p", null, "At " + moment(t.seen) + ", by ",
		host(t.source), t.signed ? " (a signed order)" : null, ": ", host(t.reason),
		t.pod ? [" · pod ", host(t.pod)] : null, t.key ? [" · ", host(t.key)] : null,
		t.hostGoes !== null ? el("b", { class: "warn" }, " · the host goes at " + moment(t.hostGoes)) : null));
	return el("div", { class: "sheet" }, el("h3", null, "Why and where"),
		list.length ? list : el("p", null, "Reason given: ", host(c.trigger)),
		facts([
			["host", c.host ? el("span", null, host(c.host.name), " · ", host(c.host.kernel_release), " · ",
				host(c.host.architecture)) : null],
			["case", host(c.case)],
			["began", c.began], ["ended", c.ended],
			["clock", c.clock ? c.clock.synchronized ? "synchronised, as the host says" :
				el("b", { class: "warn" }, "not synchronised: times are of the host's own clock") : null],
			["stamped", stampSentence()],
			["identity", c.identity.length ? identitySentence(c.identity[0]) : "no cloud's document"],
		]));
}

function gapsNode() {
	const kinds = new Map();
	for (const g of table("gap").rows) {
		const key = g.kind + "|" + (g.reason || "");
		const k = kinds.get(key) || { gap: g, number: 0, bytes: 0 };
		k.number++;
		k.bytes += Number(g.bytes) || 0;
		kinds.set(key, k);
	}
	const ranked = [...kinds.values()].sort((a, b) => b.bytes - a.bytes || b.number - a.number);
	return el("div", { class: "sheet" }, el("h3", null, "What is missing"),
		ranked.length ? smallTable([{ name: "of" }, { name: "why" }, { name: "times", end: true },
			{ name: "bytes", end: true }], ranked.slice(0, 12).map((k) => [k.gap.kind || "–",
				el("span", null, host(k.gap.reason || k.gap.status), k.number === 1 && k.gap.what ?
					[" · ", host(k.gap.what)] : null), count(k.number), k.bytes ? bytes(k.bytes) : "–"])) :
			el("p", null, "Nothing that the capture set out to take."),
		ranked.length > 12 ? el("p", null, link("all of it", () => app.show("collected"))) : null);
}

// The worst of each rule, and how many the rule has: [[finding, number], ...]
function firstOfRules(most) {
	const rules = new Map();
	for (const f of rankedFindings()) {
		const known = rules.get(f.rule);
		if (known)
			known[1]++;
		else
			rules.set(f.rule, [f, 1]);
	}
	return [...rules.values()].slice(0, most);
}

function topNode() {
	const odd = processes().all.filter((p) => p.worst > 1).sort((a, b) => b.worst - a.worst).slice(0, 8);
	return el("div", { class: "sheet" }, el("h3", null, "Look at these first"),
		firstOfRules(6).map(([f, n]) => [findingNode(f), n > 1 ? el("p", { class: "faint" },
			"and " + several(n - 1, "more", "more") + " of this rule") : null]),
		odd.length ? [el("h3", null, "Processes"), el("ul", { class: "plain" }, odd.map((p) => el("li", null,
			severity(p.worst), " ", link([host(processes().name(p)), " " + p.row.pid],
				() => app.showProcess(p)), " ", el("span", { class: "faint" }, p.signs
					.sort((a, b) => b[0] - a[0])[0][1]))))] : null,
		!odd.length && !table("finding").total ? el("p", null, "Nothing stands out.") : null);
}

class SummaryView {
	constructor() {
		this.name = "summary";
		this.title = "Summary";
	}

	build(node) {
		add(node, el("div", { class: "verdicts" }, foundNode(), verdictNode()), figures(), el("div", { class: "columns" }, topNode(),
			el("div", null, triggerNode(), gapsNode())));
	}

	print() {}
}

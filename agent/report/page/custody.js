// SPDX-License-Identifier: Apache-2.0
// The chain of custody: who signed what, when, and who else says so.

function stampSentence() {
	const stamps = custody().timestamps;
	const good = stamps.filter((s) => s.state === "verified");
	if (good.length)
		return el("span", { class: "good" }, "by a third party: " + good.map((s) => s.time).join(", "));
	const claimed = stamps.filter((s) => s.state === "not checked");
	if (claimed.length)
		return "a time stamp claims " + claimed[0].time + "; it was not checked";
	return stamps.some((s) => s.state === "bad") ?
		el("b", { class: "bad" }, "a time stamp does not hold") : "no time stamp of a third party";
}

function identitySentence(i) {
	if (!i.claims)
		return el("span", { class: i.signature === "bad" ? "bad" : null },
			i.signature + ": ", host(i.why));
	return el("span", null, host(i.cloud), ", signature " + i.signature + " ",
		Object.entries(i.claims).map(([k, v]) => [host(k), " ", host(v), "  "]));
}

// What happened to the evidence, in the order of the host's clock.
function custodySteps() {
	const c = custody(), steps = [];
	for (const t of table("trigger").rows)
		steps.push([Number(t.seen) * 1e3, moment(t.seen), "", ["asked for by ", host(t.source), ": ", host(t.reason)]]);
	if (c.clock)
		steps.push([Number(c.clock.realtime_ns), c.clock.realtime, "", [c.clock.synchronized ?
			"the agent read the host's clocks (synchronised)" : "the agent read the host's clocks (not synchronised)"]]);
	for (const m of c.manifests)
		steps.push([Date.parse(m.written) * 1e6 || Infinity, m.written || "", m.state === "valid" ? "" : "bad",
			[m.name + (m.state !== "valid" ? ": not valid" : m.segments ? " vouches for " +
				several(m.segments, "segment") + ", " + bytes(m.sealed_bytes) : m.number ? " ends the chain" :
				" begins the chain: case, host and key")]]);
	for (const s of c.timestamps)
		if (s.time)
			steps.push([Date.parse(s.time) * 1e6, s.time, s.state === "verified" ? "" : "warn",
				["manifest " + s.manifest + " was there: ", host(s.authority), " (" + s.state + ")"]]);
	steps.sort((a, b) => a[0] - b[0]);
	return el("ol", { class: "steps" }, steps.map(([, when, tone, what]) =>
		el("li", { class: tone }, el("time", null, when), what)));
}

function stateCell(state, good) {
	return el("span", { class: state === good ? "good" : "bad" }, state);
}

class CustodyView {
	constructor() {
		this.name = "custody";
		this.title = "Chain of custody";
	}

	build(node) {
		const c = custody();
		add(node, el("div", { class: "columns" },
			el("div", { class: "sheet" }, el("h3", null, "What happened to it"), custodySteps()),
			el("div", { class: "sheet" }, el("h3", null, "Who vouches for it"), facts([
				["verdict", c.verdict], ["capture", host(c.capture)], ["case", host(c.case)],
				["taken by", c.agent_version ? el("span", null, "icecore ", host(c.agent_version)) : null],
				["signed by", host(c.signed_by)],
				["that key", c.expected_signer ? "was compared with the one that was given" :
					"was compared with none: compare it with the one that the agent reported"],
				["time", stampSentence()],
				...c.identity.map((i) => ["identity", identitySentence(i)]),
				["sealed for", c.recipients ? el("span", null, c.recipients.map((r) => [host(r), " "])) : null],
				["boot id", c.host && host(c.host.boot_id)], ["machine id", c.host && host(c.host.machine_id)],
				["kernel", c.host && host(c.host.kernel_version)],
			]))),
			c.damage_number ? el("div", { class: "sheet" }, el("h3", { class: "bad" }, "Damage"),
				el("ul", { class: "plain" }, c.damage.map((d) => el("li", null, host(d))))) : null,
			c.unlisted_segments ? el("p", { class: "warn" }, several(c.unlisted_segments, "segment") +
				" of this capture are in no manifest: nobody vouches for them.") : null,
			el("h3", null, "Objects"));
		this.table = new LongTable([
			{ name: "object", width: "12rem", cell: (o) => host(o.name), key: (o) => o.name },
			{ name: "state", width: "6rem", cell: (o) => stateCell(o.state, o.number === undefined ? "good" : "valid"), key: (o) => o.state },
			{ name: "bytes", width: "7rem", end: true, cell: (o) => o.bytes === undefined ? "" : count(o.bytes), key: (o) => o.bytes },
			{ name: "records", width: "6rem", end: true, cell: (o) => o.records === undefined ? "" : count(o.records), key: (o) => o.records },
			{ name: "SHA-256", width: "minmax(10rem,1fr)", cell: (o) => host(o.sha256) },
		], { label: "objects", height: 420 });
		add(node, this.table.all, el("p", { class: "faint" }, "icelab verify --report has the commands by which " +
			"anybody checks this again, and what it does not prove."));
		this.table.set([...c.manifests, ...c.segments]);
	}

	print(on) {
		this.table.print(on);
	}
}

// SPDX-License-Identifier: Apache-2.0
// Text of the host, which is hostile, and numbers for people.  In the data it
// is escaped: printable UTF-8 as it is, every other byte and the backslash as
// \xNN; \+N at the end means that N more were left out.

const ESCAPED = /(?:\\x[0-9a-f]{2})+|\\\+\d+/g;

function utf8Length(lead) {
	return lead < 0x80 ? 1 : lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 :
		lead >= 0xc2 ? 2 : 0;
}

const strict = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

// The character that the bytes begin with, and how many they are; null: none.
function character(bytes) {
	const n = utf8Length(bytes[0]);
	if (!n || n > bytes.length)
		return null;
	try {
		return [strict.decode(Uint8Array.from(bytes.slice(0, n))), n];
	} catch {
		return null;
	}
}

// [[text, was it escaped], ...] of a run of \xNN
function unescapeRun(run) {
	const bytes = run.split("\\x").slice(1).map((x) => parseInt(x, 16));
	const parts = [];
	while (bytes.length) {
		const c = character(bytes);
		const code = c ? c[0].codePointAt(0) : 0;
		if (code === 0x5c)
			parts.push(["\\", false]);
		else if (c && code > 0x7f)
			parts.push(["\\u{" + code.toString(16).toUpperCase() + "}", true]);
		else
			parts.push(["\\x" + bytes[0].toString(16).padStart(2, "0"), true]);
		bytes.splice(0, c ? c[1] : 1);
	}
	return parts;
}

function textParts(text) {
	const parts = [];
	let from = 0;
	for (const found of text.matchAll(ESCAPED)) {
		parts.push([text.slice(from, found.index), false]);
		if (found[0][1] === "+")
			parts.push([" … " + found[0].slice(2) + " more ", true]);
		else
			parts.push(...unescapeRun(found[0]));
		from = found.index + found[0].length;
	}
	parts.push([text.slice(from), false]);
	return parts;
}

// As text to search in and to draw.
function plain(text) {
	if (text === null || text === undefined)
		return "";
	text = String(text);
	return text.includes("\\") ? textParts(text).map((p) => p[0]).join("") : text;
}

// As an element: by itself in its direction, and what was escaped is marked.
// "prose": a sentence, in the letters of the page.
function host(text, prose) {
	if (text === null || text === undefined || text === "")
		return el("span", { class: "faint" }, "–");
	text = String(text);
	const node = el("bdi", { class: prose ? "host prose" : "host" });
	if (!text.includes("\\"))
		return add(node, text);
	for (const [part, escaped] of textParts(text))
		add(node, escaped ? el("span", { class: "chip" }, part) : part || null);
	return node;
}

// A command line: arguments with blanks are told apart by quotes.
function commandLine(argv) {
	return (argv || []).map((a) => a === "" || /[\s'"]/.test(a) ?
		"'" + a + "'" : a).join(" ");
}

function count(n) {
	return n === null || n === undefined ? "–" :
		String(n).replace(/\B(?=(\d{3})+$)/g, "\u202f");
}

function several(n, one, many) {
	return count(n) + " " + (Number(n) === 1 ? one : many || one + "s");
}

function bytes(n) {
	if (n === null || n === undefined)
		return "–";
	const units = ["B", "KiB", "MiB", "GiB", "TiB", "PiB"];
	let v = Number(n), i = 0;
	for (; v >= 1024 && i < units.length - 1; i++)
		v /= 1024;
	return (i && v < 100 ? v.toFixed(1) : String(Math.round(v))) + " " + units[i];
}

function seconds(us) {
	const s = Number(us) / 1e6;
	return Math.abs(s) >= 86400 ? (s / 86400).toFixed(1) + " d" :
		Math.abs(s) >= 5400 ? (s / 3600).toFixed(1) + " h" :
		Math.abs(s) >= 90 ? (s / 60).toFixed(1) + " min" :
		Math.abs(s) >= 1 ? s.toFixed(2) + " s" : (s * 1000).toFixed(1) + " ms";
}

// Microseconds since 1970, UTC.
function moment(us) {
	if (us === null || us === undefined || !isFinite(Number(us)))
		return "–";
	const date = new Date(Number(us) / 1000);
	return isNaN(date) ? "–" :
		date.toISOString().replace("T", " ").replace("Z", " UTC");
}

function bits(value, names) {
	const set = [];
	for (const [bit, name] of names)
		if (Number(value) & bit)
			set.push(name);
	return set;
}

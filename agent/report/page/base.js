// SPDX-License-Identifier: Apache-2.0
// Elements.  Text becomes text nodes, and nothing else: there is no other way
// in this page by which a string gets into the document.
"use strict";

// el("p", { class: "faint", onclick: fn }, "text", node, ...)
function el(tag, attributes, ...children) {
	const node = document.createElement(tag);
	for (const [name, value] of Object.entries(attributes || {})) {
		if (value === null || value === undefined || value === false)
			continue;
		if (typeof value === "function")
			node.addEventListener(name.slice(2), value);
		else
			node.setAttribute(name, value === true ? "" : String(value));
	}
	return add(node, ...children);
}

function add(node, ...children) {
	for (const child of children.flat(Infinity)) {
		if (child === null || child === undefined)
			continue;
		node.append(child instanceof Node ? child :
			document.createTextNode(String(child)));
	}
	return node;
}

function svg(tag, attributes, ...children) {
	const node = document.createElementNS("http://www.w3.org/2000/svg", tag);
	for (const [name, value] of Object.entries(attributes || {}))
		node.setAttribute(name, String(value));
	return add(node, ...children);
}

function link(text, go) {
	return el("button", { type: "button", class: "link", onclick: go }, text);
}

// [[name, value], ...]; what was not told is left out.
function facts(list) {
	const dl = el("dl", { class: "facts" });
	for (const [name, value] of list)
		if (value !== null && value !== undefined && value !== "")
			add(dl, el("dt", null, name), el("dd", null, value));
	return dl;
}

// A table of HTML, for short lists and for paper.
function smallTable(heads, rows) {
	const side = (i) => heads[i].end ? "end" : null;
	return el("table", { class: "small" },
		el("thead", null, el("tr", null, heads.map((h, i) =>
			el("th", { class: side(i) }, h.name)))),
		el("tbody", null, rows.map((row) => el("tr", null,
			row.map((cell, i) => el("td", { class: side(i) }, cell))))));
}

function colour(name) {
	return getComputedStyle(document.documentElement)
		.getPropertyValue("--" + name).trim();
}

// SPDX-License-Identifier: Apache-2.0
// What keys do everywhere; what they do in a table is the table's.

const KEYS = [
	["1 … 9, 0", "the parts of the report"],
	["/", "search in this part"],
	["Esc", "leave the search; close what is open"],
	["↑ ↓ PgUp PgDn Home End", "walk through a table"],
	["← →", "fold and unfold a process"],
	["Enter", "details of the row"],
	["+ − 0", "zoom the timeline, when it has the focus"],
	["t", "light or dark"],
	["p", "print"],
	["?", "this"],
];

function buildHelp() {
	const dialog = document.getElementById("help");
	add(dialog, el("h2", null, "Keys"),
		facts(KEYS.map(([key, what]) => [el("kbd", null, key), what])),
		el("p", null, el("button", { type: "button",
			onclick: () => dialog.close() }, "close")));
	document.getElementById("help-open")
		.addEventListener("click", () => dialog.showModal());
}

function searchOf(view) {
	return view.querySelector("input[type=search]");
}

function firstTable(view) {
	return view.querySelector(".scroll");
}

// While text is typed: Esc leaves, Enter and down go to what was found.
function keyInInput(e, view) {
	if (e.key === "Escape" || e.key === "Enter" || e.key === "ArrowDown") {
		const grid = view && firstTable(view);
		if (e.key === "Escape" || !grid) {
			e.target.blur();
		} else {
			grid.focus();
			if (grid.longTable.chosen < 0)
				grid.longTable.choose(0, false);
		}
		e.preventDefault();
	}
}

function listenToKeys(app) {
	document.addEventListener("keydown", (e) => {
		const view = app.currentNode();
		if (e.ctrlKey || e.metaKey || e.altKey || document.querySelector("dialog[open]"))
			return;
		if (e.target.matches("input, select")) {
			keyInInput(e, view);
			return;
		}
		const number = "1234567890".indexOf(e.key);
		if (number >= 0 && e.key.length === 1)
			app.showNumber(number);
		else if (e.key === "/" && searchOf(view))
			searchOf(view).focus();
		else if (e.key === "?")
			document.getElementById("help").showModal();
		else if (e.key === "t")
			app.switchTheme();
		else if (e.key === "p")
			window.print();
		else
			return;
		e.preventDefault();
	});
}

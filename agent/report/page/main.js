// SPDX-License-Identifier: Apache-2.0
// The parts of the report, and the way between them.  A part is built when it
// is first looked at; on paper all are.

const app = {
	views: [new SummaryView(), new FindingsView(), new ProcessView(), new NetworkView(), new EventsView(),
		new BinariesView(), new KernelView(), new MemoryView(), new CollectedView(), new CustodyView(), new LogsView()],
	current: null,

	begin() {
		const nav = document.getElementById("views"), main = document.getElementById("main");
		this.views.forEach((view, i) => {
			view.node = el("section", { class: "view", hidden: true, id: "view-" + view.name }, el("h2", null, view.title));
			view.button = el("button", { type: "button", onclick: () => this.show(view.name) },
				el("span", { class: "key" }, i < 10 ? String((i + 1) % 10) : ""), view.short || view.title);
			add(nav, view.button);
			add(main, view.node);
		});
		this.subject();
		this.followTheme();
		buildHelp();
		listenToKeys(this);
		this.listenToPrinter();
		this.show("summary");
		// What is not in sight waits until something is.
		requestAnimationFrame(() => setTimeout(() => this.count(), 0));
	},

	subject() {
		const c = custody();
		document.title = "icecore: " + plain(c.case) + " / " + plain(c.host ? c.host.name : c.capture);
		add(document.getElementById("subject"), "case ", host(c.case), " · host ", host(c.host && c.host.name),
			" · capture ", host(c.capture), " · ", c.began || "");
		document.getElementById("made").textContent = "The whole report is this one file; it loads nothing. Keys: ?";
	},

	count() {
		for (const view of this.views) {
			const n = view.number ? view.number() : null;
			if (n)
				add(view.button, el("span", { class: "number" + (view.alarm && view.alarm() ? " alarm" : "") }, count(n)));
		}
		document.documentElement.dataset.ready = "yes";
	},

	find(name) {
		return this.views.find((v) => v.name === name);
	},

	build(view) {
		if (!view.built) {
			view.built = true;
			view.build(view.node);
		}
	},

	show(name) {
		const view = this.find(name);
		if (this.current) {
			this.current.node.hidden = true;
			this.current.button.removeAttribute("aria-current");
		}
		this.current = view;
		view.node.hidden = false;
		view.button.setAttribute("aria-current", "page");
		this.build(view);
		window.scrollTo(0, 0);
		return view;
	},

	showNumber(i) {
		if (this.views[i])
			this.show(this.views[i].name);
	},

	showProcess(p) {
		this.show("processes").show(p);
	},

	showBinary(b) {
		this.show("binaries").show(b);
	},

	showEvents(p) {
		this.show("events").ofProcess(p);
	},

	currentNode() {
		return this.current.node;
	},

	theme(name) {
		document.documentElement.dataset.theme = name;
		document.getElementById("theme").textContent = name === "dark" ? "light" : "dark";
		// Canvases have no styles: they are drawn anew.
		for (const view of this.views)
			for (const drawn of [view.line, view.canvas && view])
				if (view.built && drawn)
					drawn.draw();
	},

	switchTheme() {
		this.chosenTheme = true;
		this.theme(document.documentElement.dataset.theme === "dark" ? "light" : "dark");
	},

	followTheme() {
		const dark = matchMedia("(prefers-color-scheme: dark)");
		const follow = () => this.chosenTheme || this.theme(dark.matches ? "dark" : "light");
		dark.addEventListener("change", follow);
		document.getElementById("theme").addEventListener("click", () => this.switchTheme());
		follow();
	},

	listenToPrinter() {
		const print = (on) => this.views.forEach((view) => {
			if (on)
				this.build(view);
			if (view.built)
				view.print(on);
		});
		matchMedia("print").addEventListener("change", (e) => print(e.matches));
		window.addEventListener("beforeprint", () => print(true));
		window.addEventListener("afterprint", () => print(false));
	},
};

app.begin();

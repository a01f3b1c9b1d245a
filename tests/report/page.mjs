// SPDX-License-Identifier: Apache-2.0
// page.mjs REPORT PICTURES: the page by keyboard, in light, dark and on paper.
import { stat } from "node:fs/promises";
import path from "node:path";
import { launch, open } from "./browser.mjs";
import { done, is, ok, silent } from "./check.mjs";

const [, , file, pictures] = process.argv;
const VIEWS = ["summary", "findings", "processes", "network", "events", "binaries", "kernel", "memory",
	"collected", "custody"];
const browser = await launch();

function picture(page, name) {
	return page.screenshot({ path: path.join(pictures, name + ".png") });
}

const shown = (page) => page.evaluate(() =>
	[...document.querySelectorAll("section.view:not([hidden])")].map((v) => v.id).join());
const chosen = (page) => page.evaluate(() =>
	document.querySelector("section:not([hidden]) [aria-selected=true]")?.textContent ?? null);

async function views(page) {
	for (const [i, view] of VIEWS.entries()) {
		await page.keyboard.press(String((i + 1) % 10));
		is("key " + (i + 1) % 10, await shown(page), "view-" + view);
		ok(view + " has something", await page.evaluate((id) =>
			document.getElementById(id).innerText.length > 40, "view-" + view));
		await picture(page, "light-" + view);
	}
}

async function processes(page) {
	await page.keyboard.press("3");
	await page.keyboard.press("/");
	is("/ goes to the search", await page.evaluate(() => document.activeElement.type), "search");
	await page.keyboard.type("--needle");
	const rows = await page.evaluate(() => document.querySelector("#view-processes .scroll").getAttribute("aria-rowcount"));
	ok("the search leaves one and its ancestors", Number(rows) > 1 && Number(rows) < 12, rows);
	await page.keyboard.press("Enter");
	await page.keyboard.press("End");
	ok("End chooses the last", (await chosen(page)).includes("12345"), await chosen(page));
	await page.keyboard.press("Enter");
	ok("Enter opens its details", (await page.innerText("#view-processes aside")).includes("--needle"));
	await page.locator("#view-processes aside .crumbs button").last().click();
	ok("the parent opens", (await page.innerText("#view-processes aside")).includes("worker-2469"));
}

async function folding(page) {
	const count = () => page.evaluate(() => Number(document.querySelector("#view-processes .scroll").getAttribute("aria-rowcount")));
	const before = await count();
	await page.keyboard.press("Home");
	await page.keyboard.press("ArrowLeft");
	is("left folds the root", await count(), 1);
	await page.keyboard.press("ArrowRight");
	is("right unfolds it", await count(), before);
	await page.keyboard.press("ArrowDown");
	ok("down", (await chosen(page)).includes("worker-2"), await chosen(page));
	await page.keyboard.press("ArrowLeft");
	await page.keyboard.press("ArrowLeft");
	ok("left of what is folded goes to the parent", (await chosen(page)).includes("worker-1"), await chosen(page));
}

async function events(page) {
	const count = () => page.evaluate(() => Number(document.querySelector("#view-events .scroll").getAttribute("aria-rowcount")));
	await page.keyboard.press("5");
	const all = await count();
	await page.getByRole("button", { name: "memfd", exact: true }).click();
	ok("a kind is left out", await count() === all - 2000, all - await count());
	await page.getByRole("button", { name: "memfd", exact: true }).click();
	await page.locator("#view-events canvas").focus();
	await page.keyboard.press("+");
	const zoomed = await count();
	ok("+ zooms in", zoomed < all && zoomed > all / 4, zoomed);
	await page.keyboard.press("0");
	is("0 shows all", await count(), all);
	await page.locator("#view-events .row").nth(3).click();
	ok("an event opens", (await page.innerText("#view-events .sheet")).includes("from the trigger"));
}

async function others(page) {
	await page.keyboard.press("2");
	await page.keyboard.press("/");
	await page.keyboard.type("no such finding");
	ok("findings are searched", (await page.innerText("#view-findings")).includes("0 findings"));
	await page.keyboard.press("Escape");
	await page.keyboard.press("4");
	await page.selectOption("#view-network select[aria-label='which sockets']", "listening");
	ok("sockets are filtered", (await page.innerText("#view-network")).includes("0 sockets"));
	await page.keyboard.press("8");
	await page.locator("#view-memory canvas").focus();
	await page.keyboard.press("ArrowRight");
	ok("memory is told", (await page.innerText("#view-memory [role=status]")).startsWith("From 0x100000: "));
	await page.getByRole("button", { name: "when", exact: true }).click();
	is("the map switches", await page.getAttribute("#view-memory .bar button:last-child", "aria-pressed"), "true");
	await page.keyboard.press("?");
	ok("? tells the keys", await page.evaluate(() => document.getElementById("help").open));
	await page.keyboard.press("Escape");
	ok("Esc closes it", await page.evaluate(() => !document.getElementById("help").open));
}

const paper = (page) => page.evaluate(() => getComputedStyle(document.body).backgroundColor);

async function dark() {
	const { page, complaints } = await open(browser, file, { colorScheme: "dark" });
	const night = await paper(page);
	is("dark by preference", night, "rgb(14, 20, 26)");
	await page.keyboard.press("3");
	await picture(page, "dark-processes");
	await page.keyboard.press("1");
	await picture(page, "dark-summary");
	await page.click("#theme");
	is("the switch makes it light", await paper(page), "rgb(246, 248, 250)");
	await page.emulateMedia({ colorScheme: "light" });
	await page.emulateMedia({ colorScheme: "dark" });
	is("and it stays", await paper(page), "rgb(246, 248, 250)");
	await page.keyboard.press("t");
	is("t makes it dark", await paper(page), night);
	silent(complaints);
	await page.context().close();
}

async function print() {
	const { page, complaints } = await open(browser, file, { colorScheme: "dark" });
	await page.emulateMedia({ media: "print" });
	await page.waitForSelector("#view-custody .printed table");
	const text = await page.evaluate(() => document.body.innerText);
	for (const what of ["The evidence is whole", "over its budget", "a made process does what no process should",
		"worker-1", "segment-000000.age", "not compared", "more, which are not on paper", "are cut on paper", "0x100000"])
		ok("on paper: " + what, text.includes(what) || (what === "not compared" && text.includes("compared with none")));
	is("paper is white", await page.evaluate(() => getComputedStyle(document.documentElement).getPropertyValue("--paper").trim()), "#fff");
	ok("no switches on paper", !(await page.isVisible("nav")) && !(await page.isVisible("#theme")));
	await picture(page, "print");
	const pdf = path.join(pictures, "report.pdf");
	await page.pdf({ path: pdf, format: "A4" });
	ok("a PDF is made", (await stat(pdf)).size > 20000);
	silent(complaints);
	await page.context().close();
}

const { page, complaints } = await open(browser, file);
is("its title", await page.title(), "icecore: many / many");
await views(page);
await processes(page);
await folding(page);
await events(page);
await others(page);
// A narrow screen has the same parts.
await page.setViewportSize({ width: 600, height: 800 });
await page.keyboard.press("3");
ok("narrow", await page.evaluate(() => document.documentElement.scrollWidth <= 600));
silent(complaints);
await page.context().close();
await dark();
await print();
await browser.close();
done();

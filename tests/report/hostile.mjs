// SPDX-License-Identifier: Apache-2.0
// hostile.mjs REPORT PICTURES: names of a host that want to be more than text.
import { readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import { launch, open } from "./browser.mjs";
import { done, is, ok, silent } from "./check.mjs";

const [, , file, pictures] = process.argv;
const browser = await launch();
const { page, complaints } = await open(browser, file);
const source = await readFile(file, "utf8");

// The page's elements, with everything of it built.
const elements = () => page.evaluate(() => ({
	scripts: document.scripts.length,
	strange: [...document.body.querySelectorAll("img, iframe, object, embed, base, form, link, a, b[onclick], [onerror], [style*=url]")].length,
	tags: [...new Set([...document.querySelectorAll("*")].map((n) => n.localName))].sort(),
}));

is("its title", await page.title(), "icecore: <script>alert(1)</script> / <script>alert(1)</script>");
const before = await elements();
for (const key of "1234567890")
	await page.keyboard.press(key);
await page.keyboard.press("3");
for (let i = 0; i < 16; i++) {
	await page.locator("#view-processes .row").nth(i).click();
	await page.waitForTimeout(5);
}
await page.screenshot({ path: path.join(pictures, "hostile-processes.png") });
const after = await elements();
ok("no element is made of a name", after.strange === 0 && before.strange === 0, JSON.stringify(after));
ok("no script came", after.scripts <= before.scripts, after.scripts + " " + before.scripts);
for (const tag of after.tags)
	ok("element " + tag, "a article aside b bdi body button canvas dd dialog div dl dt footer h1 h2 h3 head header html i input kbd li main meta nav ol option p path rect script section select span style svg table tbody td text th thead time title tr ul".split(" ").includes(tag));

const text = (await page.evaluate(() => document.getElementById("view-processes").textContent)) +
	(await page.evaluate(() => document.getElementById("view-findings").textContent)) +
	(await page.evaluate(() => document.getElementById("view-kernel").textContent));
for (const name of ["<script>alert(1)</script>", "</script><script>alert(2)</script>", "<!--<script>",
	"]]><img src=x onerror=alert(3)>", "\\u{202E}gpj.exe\\u{2066}", "line\\u{2028}separator\\u{2029}",
	"\\xff\\xfe\\xc0\\xafinvalid", "\"'`${alert(4)}\\u003cb\\n", "\\x3cscript\\x3e \\+99999",
	"\\x1b]0;title\\x07\\x0d\\x0a\\x09", "a\\x00b", "__proto__", "constructor", "\u05e9\u05dc\u05d5\u05dd"])
	ok("shown as text: " + name, text.includes(name));
ok("what was left out of an argument is told", text.includes(" more "));
ok("no hidden character is in the document", !/[\u0000-\u0008\u200b-\u200f\u2028-\u202e\u2066-\u2069\ufeff]/.test(
	await page.evaluate(() => document.body.textContent)));
ok("none is in the file", !/[\u0000-\u0008\u200b-\u200f\u2028-\u202e\u2066-\u2069\ufeff]/.test(source));
is("what is foreign stands by itself", await page.evaluate(() => {
	const name = [...document.querySelectorAll("#view-processes bdi")].find((n) => n.textContent.includes("\u05e9"));
	return getComputedStyle(name).unicodeBidi;
}), "isolate");
// Its policy holds whatever somebody finds a way to put in.
await page.evaluate(() => {
	const node = document.createElement("div");
	node.innerHTML = "<img src=x onerror='window.broken = 1'><style>body { display: none }</style>";
	document.body.append(node);
	const script = document.createElement("script");
	script.textContent = "window.broken = 2";
	document.body.append(script);
});
is("the policy lets nothing run", await page.evaluate(() => window.broken ?? null), null);
is("nor look other", await page.evaluate(() => getComputedStyle(document.body).display), "grid");
const refused = complaints.splice(0);
ok("only what this test put in was refused", refused.length > 0 && refused.every((c) =>
	/Content Security Policy/.test(c) || c === "request: " + new URL("x", page.url())), refused.join("; "));
await page.emulateMedia({ media: "print" });
await page.waitForSelector("#view-custody .printed table");
silent(complaints);

// A table that had no room for all says so.
const cut = file + ".cut.html";
await writeFile(cut, source.replace('id="data-module">{"total":14,', 'id="data-module">{"total":99,'));
const second = await open(browser, cut);
await second.page.keyboard.press("9");
ok("what is cut is told", (await second.page.innerText("#view-collected")).includes("modules (the first 14 of 99)"));
await second.page.keyboard.press("7");
ok("where it is, too", (await second.page.innerText("#view-kernel")).includes("the first 14 of 99"));
silent(second.complaints);
await browser.close();
done();

// SPDX-License-Identifier: Apache-2.0
// A headless Chromium that keeps a list of all that a page should not do.
import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";
import path from "node:path";

const top = path.resolve(import.meta.dirname ?? path.dirname(new URL(import.meta.url).pathname), "../..");
const require = createRequire(path.join(top, "build/playwright/package.json"));
const { chromium } = require("playwright-core");

export async function launch() {
	return chromium.launch({
		executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium-headless-shell",
		args: ["--no-sandbox", "--disable-gpu"],
	});
}

// { page, complaints }: console messages, errors, dialogs, and requests for
// anything but the file itself.
export async function open(browser, file, options = {}) {
	const context = await browser.newContext({ viewport: { width: 1440, height: 900 }, ...options });
	const page = await context.newPage();
	const url = pathToFileURL(file).href, complaints = [];
	page.on("console", (m) => complaints.push("console: " + m.text()));
	page.on("pageerror", (e) => complaints.push("error: " + e.message));
	page.on("dialog", (d) => { complaints.push("dialog: " + d.message()); d.dismiss(); });
	page.on("request", (r) => r.url() === url || complaints.push("request: " + r.url()));
	page.on("popup", () => complaints.push("popup"));
	await page.goto(url, { waitUntil: "commit" });
	await page.waitForSelector("html[data-ready=yes]", { timeout: 60000 });
	return { page, complaints, url };
}

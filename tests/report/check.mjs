// SPDX-License-Identifier: Apache-2.0
// Checks that are counted, and tell what they compared.
let checks = 0, failed = 0;

export function ok(what, good, detail = "") {
	checks++;
	if (!good) {
		failed++;
		console.log("FAILED: " + what + (detail === "" ? "" : ": " + detail));
	}
}

export function is(what, got, want) {
	ok(what, got === want, JSON.stringify(got) + ", not " + JSON.stringify(want));
}

export function silent(complaints) {
	ok("no console, no error, no dialog, no request", complaints.length === 0,
		complaints.slice(0, 5).join("; "));
}

export function done() {
	console.log(checks + " checks, " + failed + " failed");
	process.exitCode = failed ? 1 : 0;
}

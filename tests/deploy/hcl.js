// SPDX-License-Identifier: Apache-2.0
// hcl.js MODULES FILE: FILE of Terraform as JSON on stdout.
const fs = require("fs");
const { parse } = require(process.argv[2] + "/@cdktf/hcl2json");

parse(process.argv[3], fs.readFileSync(process.argv[3], "utf8")).then(
	(parsed) => console.log(JSON.stringify(parsed)),
	(why) => {
		console.error(String(why));
		process.exit(1);
	},
);

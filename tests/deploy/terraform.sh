#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# shellcheck disable=SC2154 # lib.sh sets tmp
#
# The files of Terraform: they parse, and what must hold of stores and isolation
# does; with a rule taken out it does not.
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/../scenario/lib.sh"
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
top=$(cd "$here/../.." && pwd)
modules=$top/build/hcl2json/node_modules

[ -d "$modules" ] || fail "no $modules (./dev deps)"
for name in aws gcp; do
	expect 0 node "$here/hcl.js" "$modules" "$top/deploy/$name/main.tf"
	mv "$tmp/out" "$tmp/$name.json"
done
expect 0 python3 "$here/terraform.py" "$tmp/aws.json" "$tmp/gcp.json"
cat "$tmp/out"

# broken NAME SED: with that change of NAME's file it is an error.
broken() {
	sed "$2" "$top/deploy/$1/main.tf" >"$tmp/broken.tf"
	! cmp -s "$tmp/broken.tf" "$top/deploy/$1/main.tf" || fail "no change: $2"
	expect 0 node "$here/hcl.js" "$modules" "$tmp/broken.tf"
	cp "$tmp/$1.json" "$tmp/good.json"
	mv "$tmp/out" "$tmp/$1.json"
	expect 1 python3 "$here/terraform.py" "$tmp/aws.json" "$tmp/gcp.json"
	mv "$tmp/good.json" "$tmp/$1.json"
}
broken aws 's/"COMPLIANCE"/"GOVERNANCE"/'
broken aws 's/s3:if-none-match/s3:x-amz-acl/'
broken aws 's/not_actions/actions/'
broken aws 's/prefix_list_id .*/cidr_ipv4 = "0.0.0.0\/0"/'
broken aws 's/<instance>/instance/'
broken aws 's/aws_iam_role.automation.arn/aws_iam_role.nobody.arn/'
broken gcp 's/is_locked .*/is_locked = false/'
broken gcp 's/storage.objectCreator/storage.objectAdmin/'
broken gcp 's/199.36.153.4\/30/0.0.0.0\/0/'
expect 0 python3 "$here/terraform.py" "$tmp/aws.json" "$tmp/gcp.json"
sed 's/^}$//' "$top/deploy/aws/main.tf" >"$tmp/broken.tf"
expect 1 node "$here/hcl.js" "$modules" "$tmp/broken.tf"
done_testing

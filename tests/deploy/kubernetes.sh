#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# shellcheck disable=SC2154 # lib.sh sets tmp
#
# The chart, rendered by values of each kind: each object has the fields and the
# types of Kubernetes' own schema, by the types that are made of it; nothing is
# privileged but the job; the configuration is one that the watch takes; the
# rights are those that README.md gives a reason for; icecore.yaml is up to date.
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/../scenario/lib.sh"
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
top=$(cd "$here/../.." && pwd)
chart=$top/deploy/kubernetes
types=$top/build/kubernetes-types/node_modules
export PYTHONDONTWRITEBYTECODE=1

"$chart/render.py" >"$tmp/default.yaml"
expect 0 diff "$chart/icecore.yaml" "$tmp/default.yaml"
"$chart/render.py" --set report=true >"$tmp/report.yaml"
"$chart/render.py" --set openshift=true --set capture.ticketSecret=evidence \
	--set 'captureMore=["level = 1"]' --namespace other >"$tmp/openshift.yaml"
"$chart/render.py" --set job.enabled=true --set job.node=n1 --set job.case=c1 \
	--set job.module=6.1/extra/icecore.ko >"$tmp/job.yaml"
expect 1 "$chart/render.py" --set nosuch=1

mkdir "$tmp/ts"
for name in default report openshift job; do
	expect 0 python3 "$here/kubernetes.py" "$tmp/$name.yaml" "$name" \
		"$tmp/ts/$name.ts" "$tmp/$name.conf" "$chart"
	cat "$tmp/out"
done

# The types are of Kubernetes' OpenAPI: a field that does not exist, or has
# another type, is an error.
[ -d "$types" ] || fail "no $types (./dev deps)"
ln -s "$types" "$tmp/ts/node_modules"
cat >"$tmp/ts/wrong.ts" <<-'EOT'
	import { DaemonSet } from "kubernetes-types/apps/v1";
	export const d: DaemonSet = { spec: { selector: {}, template: { spec: {
	  containers: [{ name: "a", securityContext: { priviledged: true } }] } } } };
EOT
tsc=("$types/typescript/bin/tsc" --noEmit --strict --moduleResolution node
	--target es2020)
expect 0 node "${tsc[@]}" "$tmp"/ts/{default,report,openshift,job}.ts
expect 2 node "${tsc[@]}" "$tmp/ts/wrong.ts"
grep -q priviledged "$tmp/out" || fail "a wrong field is not found"

for name in default openshift; do
	expect 0 "$BIN/icecore" watch --config "$tmp/$name.conf" --check
done
done_testing

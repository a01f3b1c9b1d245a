#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# run-command-action.sh RESOURCE-GROUP VM, with the variables of launch/launch.sh
# in the environment: launch icecore by the action Run Command, which every
# Linux VM with a guest agent has.  At most 90 minutes, the last 4 KiB of output,
# one at a time: so it returns when the capture has begun.  Where the managed
# Run Command is to be had, icecore-capture.json keeps the ticket out of logs;
# an action's script does not, so ICECORE_TICKET_URL must be good for minutes.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
group=${1:?usage: run-command-action.sh RESOURCE-GROUP VM}
vm=${2:?usage: run-command-action.sh RESOURCE-GROUP VM}
script=$(mktemp)
trap 'rm -f "$script"' EXIT

{
	echo '#!/bin/bash'
	for name in CASE TO RECIPIENT URL SHA256 SIGNATURE PUBLIC_KEY \
		TICKET_URL REASON COLLECT MODE; do
		value=ICECORE_$name
		[ -z "${!value-}" ] || printf 'export %s=%q\n' "$value" "${!value}"
	done
	cat "$here/../launch/launch.sh"
} >"$script"
az vm run-command invoke --resource-group "$group" --name "$vm" \
	--command-id RunShellScript --scripts "@$script" \
	--query 'value[0].message' --output tsv

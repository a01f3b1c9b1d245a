#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# The runbooks and readmes of deploy/ are true to the commands that exist.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
deploy=$here/../../deploy
exec python3 "$here/runbooks.py" "$1" "$deploy"/runbooks/*.md "$deploy"/README.md "$deploy"/kubernetes/README.md

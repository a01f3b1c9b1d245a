#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# clean.sh CLEAN_RATE: of a Debian as debootstrap makes it, no program, library
# or script that its packages vouch for has a reason to be suspicious, and none
# of a package is at or above the threshold.  Prints the rates.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
tree=$("$here/tree.sh")
exec "$1" "$tree"

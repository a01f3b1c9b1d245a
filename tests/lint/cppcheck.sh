#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# cppcheck.sh: over the agent and the module.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

# The cleanup attribute is unknown to it: what ends by itself looks like a leak.
cppcheck --quiet --error-exitcode=1 --inline-suppr -j "$(nproc)" --std=c11 \
	--enable=warning,portability,performance --inconclusive \
	--suppress=memleak --suppress=resourceLeak --suppress=missingInclude --suppress=unknownMacro \
	-D_GNU_SOURCE -D__x86_64__ -Iagent agent

# SPDX-License-Identifier: Apache-2.0
# The tests of orders, triggers and the watch.
unit_test(order icecore_evidence)
fuzz_target(order icecore_evidence)

# SPDX-License-Identifier: Apache-2.0
# The tests of orders, triggers and the watch.
unit_test(order icecore_evidence)
fuzz_target(order icecore_evidence)
unit_test(bell icecore_trigger)
unit_test(trigger icecore_trigger scratch)
fuzz_target(trigger icecore_trigger)
unit_test(sources icecore_trigger scratch)
unit_test(watch icecore_watch scratch)
torture_test(torture_watch icecore_watch scratch)

# SPDX-License-Identifier: Apache-2.0
# The tests of the floors recorder and trigger, and of the collector of events.
unit_test(ring icecore_recorder)
unit_test(event fake_host)
unit_test(dns icecore_recorder)
unit_test(take icecore_recorder scratch)
unit_test(recorder icecore_recorder)
set_tests_properties(unit/recorder PROPERTIES LABELS root)
torture_test(torture_recorder icecore_recorder icecore_trigger scratch)
fuzz_target(dns icecore_recorder)
fuzz_target(event icecore_collect)

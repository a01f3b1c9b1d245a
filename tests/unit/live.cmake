# SPDX-License-Identifier: Apache-2.0
# The tests of the live floor.  Those that look at this machine look at
# processes of their own only.
unit_test(procfs icecore_live)
unit_test(container icecore_live)
unit_test(maps icecore_live)
unit_test(pods icecore_live scratch)
unit_test(vma icecore_live scratch)
unit_test(task icecore_live)
unit_test(crossview icecore_live)
unit_test(detail icecore_live scratch)
unit_test(live icecore_live scratch)
set_tests_properties(unit/live PROPERTIES LABELS root)
torture_test(torture_live icecore_live scratch)

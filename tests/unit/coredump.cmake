# SPDX-License-Identifier: Apache-2.0
# The coredump floor, and what icelab makes of its records.  What looks at this
# machine looks at children of its own only.
unit_test(coredump icecore_coredump scratch)
unit_test(freeze icecore_coredump scratch)
unit_test(space icecore_coredump scratch)
unit_test(core_file icecore_lab scratch)
set_tests_properties(unit/freeze unit/space PROPERTIES LABELS root)
torture_test(torture_coredump icecore_coredump icecore_lab scratch)
fuzz_target(coredump icecore_coredump)
fuzz_target(core icecore_lab)

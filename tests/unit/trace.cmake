# SPDX-License-Identifier: Apache-2.0
# The tests of the trace floor; whole logs are in disk/traces.
unit_test(trace icecore_trace)
torture_test(torture_trace icecore_trace scratch)
fuzz_target(journal icecore_trace)
fuzz_target(trace icecore_trace)
foreach(name trace torture_trace)
  target_compile_definitions(test_${name} PRIVATE
    FUZZ_SEEDS="${CMAKE_SOURCE_DIR}/tests/fuzz/seeds")
endforeach()

# SPDX-License-Identifier: Apache-2.0
# The tests of the report: its tables, its file, and the page in a browser.
add_executable(made_evidence ${CMAKE_SOURCE_DIR}/tests/report/made_evidence.c
  ${CMAKE_SOURCE_DIR}/tests/report/made_hostile.c)
target_include_directories(made_evidence PRIVATE ${CMAKE_SOURCE_DIR}/tests)
target_link_libraries(made_evidence PRIVATE icecore_stream icecore_lab
  build_flags)
set_target_properties(made_evidence PROPERTIES LITERALS_ARE_CHAR ON
  RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/agent)
unit_test(wrap icecore_lab)
unit_test(report icecore_report)
target_include_directories(test_report PRIVATE ${CMAKE_SOURCE_DIR}/agent)
fuzz_target(report icecore_report)
foreach(name page hostile large)
  add_test(NAME scenario/report-${name}
    COMMAND ${CMAKE_SOURCE_DIR}/tests/report/report.sh
      ${CMAKE_BINARY_DIR}/agent ${name})
  set_tests_properties(scenario/report-${name} PROPERTIES LABELS scenario
    TIMEOUT 300)
endforeach()
torture_test(torture_report fake_host icecore_report)
set_tests_properties(unit/torture_report PROPERTIES ENVIRONMENT TMPDIR=/dev/shm)

# SPDX-License-Identifier: Apache-2.0
# The tests of the symbols floor; types are made up by libbpf.
add_library(made_kernel STATIC unit/made_kernel.c)
target_include_directories(made_kernel PUBLIC ${CMAKE_SOURCE_DIR}/tests)
target_link_libraries(made_kernel PUBLIC icecore_symbols PkgConfig::CMOCKA
  PRIVATE build_flags)
unit_test(symbols made_kernel)
unit_test(image icecore_lab scratch)
fuzz_target(symbols icecore_symbols)
unit_test(export icecore_export)
fuzz_target(export icecore_export)
torture_test(torture_export fake_host icecore_export made_kernel)
set_tests_properties(unit/torture_export PROPERTIES ENVIRONMENT TMPDIR=/dev/shm)
# Sanitizers need what it takes away.
if(NOT SANITIZE AND NOT BUILD_FUZZERS)
  unit_test(sandbox icecore_lab scratch)
endif()

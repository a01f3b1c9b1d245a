# SPDX-License-Identifier: Apache-2.0
# The tests of the kernel floor, over memory that is made up.
add_library(fake_peek STATIC unit/fake_peek.c)
target_include_directories(fake_peek PUBLIC ${CMAKE_SOURCE_DIR}/tests)
target_link_libraries(fake_peek PUBLIC icecore_kernel PRIVATE build_flags)
unit_test(walk fake_peek)
unit_test(kmodule fake_peek scratch)
unit_test(kstate icecore_kernel scratch)
unit_test(peek icecore_kernel)
set_tests_properties(unit/peek PROPERTIES LABELS root)
fuzz_target(kernel fake_peek)
unit_test(integrity fake_host)
torture_test(torture_kernel fake_peek scratch)

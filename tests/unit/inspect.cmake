# SPDX-License-Identifier: Apache-2.0
# The tests of the inspect floor, over a captured kernel that is made up.
add_library(fake_image STATIC unit/fake_image.c)
target_include_directories(fake_image PUBLIC ${CMAKE_SOURCE_DIR}/tests)
target_link_libraries(fake_image PUBLIC icecore_inspect PRIVATE build_flags)
set_target_properties(fake_image PROPERTIES LITERALS_ARE_CHAR ON)
unit_test(translate icecore_inspect)
unit_test(inspect fake_image)
unit_test(inspect_net fake_image)
unit_test(ram fake_host icecore_inspect)
unit_test(layout fake_image)
fuzz_target(inspect fake_image PkgConfig::CMOCKA)

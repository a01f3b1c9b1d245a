# SPDX-License-Identifier: Apache-2.0
# The tests of captured binaries.  Those that look at processes look at ones
# that they made themselves.
unit_test(binary fake_host)
unit_test(binary_content fake_host)
unit_test(elf icecore_binary scratch)
unit_test(content icecore_binary scratch)
unit_test(owner icecore_binary scratch)
unit_test(fuse icecore_binary scratch)
set_tests_properties(unit/fuse PROPERTIES LABELS root)
unit_test(reasons icecore_binary)
unit_test(contents icecore_lab scratch)
unit_test(scan icecore_lab scratch)
torture_test(torture_binary icecore_binary scratch)
fuzz_target(layer icecore_collect)
fuzz_target(elf icecore_binary)
fuzz_target(script icecore_binary)
foreach(name elf torture_binary)
  target_compile_definitions(test_${name} PRIVATE
    SEEDS="${CMAKE_SOURCE_DIR}/tests/fuzz/seeds/elf")
endforeach()

# How many clean programs are suspicious: none.  Wants root.
add_executable(clean_rate ${CMAKE_SOURCE_DIR}/tests/disk/clean_rate.c)
target_link_libraries(clean_rate PRIVATE icecore_binary build_flags)
add_test(NAME disk/clean COMMAND ${CMAKE_SOURCE_DIR}/tests/disk/clean.sh
  $<TARGET_FILE:clean_rate>)
set_tests_properties(disk/clean PROPERTIES LABELS disk TIMEOUT 900)
# Both look at the one tree, and one of them at when its directories were read.
set_tests_properties(disk/clean disk/planted PROPERTIES RESOURCE_LOCK disk_tree)

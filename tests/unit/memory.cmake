# SPDX-License-Identifier: Apache-2.0
# The tests of the memory floor, and memread for tests/guest/sources.sh.
pkg_check_modules(CMOCKA REQUIRED IMPORTED_TARGET cmocka)

# memory_test(NAME LABEL): test_NAME.c
function(memory_test name label)
  add_executable(test_${name} ${CMAKE_SOURCE_DIR}/tests/unit/test_${name}.c)
  target_link_libraries(test_${name}
    PRIVATE icecore_memory build_flags PkgConfig::CMOCKA)
  add_test(NAME unit/${name} COMMAND test_${name})
  set_tests_properties(unit/${name} PROPERTIES LABELS ${label} TIMEOUT 30)
endfunction()

memory_test(iomem unit)
memory_test(kcore unit)
memory_test(module unit)
memory_test(source unit)
memory_test(bpf_memory root)

add_executable(memread ${CMAKE_SOURCE_DIR}/tests/guest/memread.c)
target_link_libraries(memread PRIVATE icecore_memory build_flags)

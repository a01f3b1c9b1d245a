# SPDX-License-Identifier: Apache-2.0
# The tests of the memory floor, and memread for tests/guest/sources.sh.
pkg_check_modules(CMOCKA REQUIRED IMPORTED_TARGET cmocka)

add_executable(memread ${CMAKE_SOURCE_DIR}/tests/guest/memread.c)
target_link_libraries(memread PRIVATE icecore_memory build_flags)

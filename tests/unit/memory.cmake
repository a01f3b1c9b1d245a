# SPDX-License-Identifier: Apache-2.0
# The tests of the memory floor, and memread for tests/guest/sources.sh.
unit_test(iomem icecore_memory)
unit_test(kcore icecore_memory)
unit_test(module icecore_memory)
unit_test(source icecore_memory)
unit_test(bpf_memory icecore_memory)
set_tests_properties(unit/bpf_memory PROPERTIES LABELS root)

add_executable(memread guest/memread.c guest/memread_image.c
  guest/memread_symbols.c)
target_link_libraries(memread PRIVATE icecore_memory build_flags)

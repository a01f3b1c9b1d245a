# SPDX-License-Identifier: Apache-2.0
# floor(NAME SOURCES ... LINK ...): one static library for agent/NAME.
function(floor name)
  cmake_parse_arguments(F "" "" "SOURCES;LINK" ${ARGN})
  add_library(icecore_${name} STATIC ${F_SOURCES})
  target_include_directories(icecore_${name} PUBLIC ${CMAKE_SOURCE_DIR}/agent)
  target_link_libraries(icecore_${name} PUBLIC ${F_LINK}
    PRIVATE $<BUILD_INTERFACE:build_flags>)
  if(ANALYZE)
    # Leaks are left to LeakSanitizer: gcc 12 reports an object that leaves as
    # *ret = &o->base.
    target_compile_options(icecore_${name} PRIVATE -fanalyzer
      -Wno-analyzer-malloc-leak)
  endif()
endfunction()

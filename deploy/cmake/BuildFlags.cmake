# SPDX-License-Identifier: Apache-2.0
# Every target of ours links build_flags; generated code does not.
add_library(build_flags INTERFACE)
target_compile_definitions(build_flags INTERFACE _GNU_SOURCE
  _FILE_OFFSET_BITS=64 ICECORE_VERSION="${PROJECT_VERSION}")
target_compile_options(build_flags INTERFACE
  -Wall -Wextra -Wshadow -Wstrict-prototypes -Wmissing-prototypes
  -Wpointer-arith -Wvla -Walloca -Wundef -Wcast-align
  -Wformat=2 -Wimplicit-fallthrough -Wconversion -Wno-sign-conversion
  $<$<NOT:$<BOOL:$<TARGET_PROPERTY:LITERALS_ARE_CHAR>>>:-Wwrite-strings>
  $<$<C_COMPILER_ID:GNU>:-Wlogical-op>
  $<$<BOOL:${WERROR}>:-Werror>
  -include ${CMAKE_SOURCE_DIR}/agent/base/banned.h
  -ffunction-sections -fvisibility=hidden -fno-common -fstack-protector-strong
  -ffile-prefix-map=${CMAKE_SOURCE_DIR}=.)
target_link_options(build_flags INTERFACE
  -Wl,--gc-sections -Wl,-z,relro -Wl,-z,now -Wl,--as-needed)
if(CMAKE_BUILD_TYPE MATCHES "Rel")
  target_compile_definitions(build_flags INTERFACE _FORTIFY_SOURCE=2)
endif()

if(SANITIZE)
  add_compile_options(-fsanitize=${SANITIZE} -fno-omit-frame-pointer
    -fno-sanitize-recover=all)
  add_link_options(-fsanitize=${SANITIZE})
endif()
if(BUILD_FUZZERS)
  add_compile_options(-fsanitize=fuzzer-no-link)
endif()

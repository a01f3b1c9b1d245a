# SPDX-License-Identifier: Apache-2.0
# The tests of the sources of triggers, against emulators of tests/server.
add_library(source_talk STATIC unit/emulator.c unit/source_talk.c)
target_include_directories(source_talk PUBLIC ${CMAKE_SOURCE_DIR}/tests)
target_compile_definitions(source_talk PRIVATE
  SERVER_DIR="${CMAKE_SOURCE_DIR}/tests/server")
target_link_libraries(source_talk PUBLIC icecore_trigger PkgConfig::CMOCKA
  PRIVATE build_flags)
unit_test(clouds source_talk)
unit_test(kubernetes source_talk scratch)
target_compile_definitions(test_kubernetes PRIVATE
  SERVER_DIR="${CMAKE_SOURCE_DIR}/tests/server")
fuzz_target(imds icecore_trigger)
torture_test(torture_trigger icecore_trigger scratch)
fuzz_target(kubernetes icecore_trigger)

# SPDX-License-Identifier: Apache-2.0
# What launches icecore: packages, units, documents, manifests.
foreach(name static packages launch kubernetes runbooks terraform)
  add_test(NAME deploy/${name}
    COMMAND ${CMAKE_SOURCE_DIR}/tests/deploy/${name}.sh
      ${CMAKE_BINARY_DIR}/agent)
  set_tests_properties(deploy/${name} PROPERTIES LABELS scenario TIMEOUT 300
    RESOURCE_LOCK static
    SKIP_RETURN_CODE 77)
endforeach()

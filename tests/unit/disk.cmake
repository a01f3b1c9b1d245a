# SPDX-License-Identifier: Apache-2.0
# The tests of the disk floor, on trees that they make themselves.
unit_test(disk_walk icecore_disk scratch)
unit_test(disk_dpkg icecore_disk scratch)
unit_test(disk_container icecore_disk scratch)
unit_test(disk_initramfs icecore_disk)
unit_test(disk_packages icecore_disk scratch)
unit_test(disk_persist icecore_disk scratch)
unit_test(disk_rpm icecore_disk)
torture_test(torture_disk icecore_disk scratch)
fuzz_target(dpkg icecore_disk)
fuzz_target(packages icecore_disk)
fuzz_target(initramfs icecore_disk)
fuzz_target(persist icecore_disk)
fuzz_target(rpm icecore_disk)

# Whole triage, of a Debian that debootstrap makes once: wants root.
foreach(name planted hostile rpm)
  add_test(NAME disk/${name}
    COMMAND ${CMAKE_SOURCE_DIR}/tests/disk/${name}.sh ${CMAKE_BINARY_DIR}/agent)
  set_tests_properties(disk/${name} PROPERTIES LABELS disk TIMEOUT 900)
endforeach()

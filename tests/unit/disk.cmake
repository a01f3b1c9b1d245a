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
fuzz_target(openpgp icecore_disk)
fuzz_target(packages icecore_disk)
fuzz_target(initramfs icecore_disk)
fuzz_target(persist icecore_disk)
fuzz_target(rpm icecore_disk)

unit_test(volume icecore_volume scratch)
unit_test(volume_lvm icecore_volume)
torture_test(torture_volume icecore_volume scratch)
foreach(call fsopen fsconfig fsmount ioctl mknodat mount move_mount unshare)
  target_link_options(test_torture_volume PRIVATE -Wl,--wrap=${call})
endforeach()
fuzz_target(volume icecore_volume)

# Whole triage, of a Debian that debootstrap makes once: wants root.
foreach(name planted hostile rpm rpm-signed device traces)
  add_test(NAME disk/${name}
    COMMAND ${CMAKE_SOURCE_DIR}/tests/disk/${name}.sh ${CMAKE_BINARY_DIR}/agent)
  set_tests_properties(disk/${name} PROPERTIES LABELS disk TIMEOUT 900)
endforeach()
# A kernel without ext4, xfs and btrfs.
set_tests_properties(disk/device PROPERTIES SKIP_RETURN_CODE 77)

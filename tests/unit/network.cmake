# SPDX-License-Identifier: Apache-2.0
# Open files and the net floor. What looks at this machine looks at processes
# and network namespaces of its own only.
unit_test(file icecore_live)
unit_test(diag icecore_net)
unit_test(sock icecore_net)
unit_test(netns icecore_net)
unit_test(look icecore_net)
set_tests_properties(unit/look unit/file PROPERTIES LABELS root)
torture_test(torture_net icecore_net scratch)
fuzz_target(netlink icecore_net)
fuzz_target(cbpf icecore_net)
fuzz_target(proc_net icecore_net)
fuzz_target(net_config icecore_collect)

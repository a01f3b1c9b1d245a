# SPDX-License-Identifier: Apache-2.0
# The tests of captured binaries.  Those that look at processes look at ones
# that they made themselves.
unit_test(binary fake_host)

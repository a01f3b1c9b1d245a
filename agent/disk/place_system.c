// SPDX-License-Identifier: Apache-2.0
/* What the linker, the kernel, the boot loader and packagers load. */
#include <stddef.h>

#include "disk/place_internal.h"

const struct place places_system[] = {
	{ "ld-preload", "T1574.006", PLACE_PRELOAD, PLACE_ONLY_PACKAGES,
		PATTERNS{
			"/etc/ld.so.preload",
			NULL,
		} },
	{ "ld-path", "T1574.006", PLACE_LINES, PLACE_ONLY_PACKAGES,
		PATTERNS{
			"/etc/ld.so.conf",
			"/etc/ld.so.conf.d/*",
			NULL,
		} },
	{ "modules-load", "T1547.006", PLACE_LINES, PLACE_ONLY_PACKAGES,
		PATTERNS{
			"/etc/modules",
			"{/etc,/run,/usr/lib,/lib,/usr/local/lib}/modules-load.d/*",
			NULL,
		} },
	{ "modprobe", "T1547.006", PLACE_LINES, PLACE_ONLY_PACKAGES,
		PATTERNS{
			"{/etc,/run,/usr/lib,/lib,/usr/local/lib}/modprobe.d/*",
			NULL,
		} },
	{ "initramfs-hook", "T1542", PLACE_FILE, PLACE_ONLY_PACKAGES,
		PATTERNS{
			"/etc/initramfs-tools/{hooks,scripts/*}/*",
			"/usr/share/initramfs-tools/{hooks,scripts/*}/*",
			"/usr/lib/dracut/modules.d/*/*.sh",
			"{/etc,/usr/lib}/kernel/install.d/*",
			"{/etc,/usr/lib}/kernel/{pre,post}{inst,rm}.d/*",
			NULL,
		} },
	{ "initramfs-hook", "T1542", PLACE_LINES, PLACE_ONLY_PACKAGES,
		PATTERNS{
			"/etc/dracut.conf.d/*",
			"/etc/initcpio/{hooks,install}/*",
			NULL,
		} },
	{ "boot-loader", "T1542.003", PLACE_LINES, PLACE_EVERYWHERE,
		PATTERNS{
			"/boot/{grub,grub2}/{grub.cfg,custom.cfg,user.cfg}",
			"/boot/efi/EFI/*/grub.cfg",
			"/boot/{,efi/}loader/entries/*.conf",
			"/etc/kernel/cmdline",
			"/etc/default/grub",
			"/etc/default/grub.d/*",
			NULL,
		} },
	{ "boot-loader", "T1542.003", PLACE_FILE, PLACE_ONLY_PACKAGES,
		PATTERNS{
			"/etc/grub.d/*",
			NULL,
		} },
	{ "boot-program", "T1542.001", PLACE_OPAQUE, PLACE_ANYBODY,
		PATTERNS{
			"/boot/efi/EFI/*/*.{efi,EFI}",
			"/boot/EFI/*/*.{efi,EFI}",
			NULL,
		} },
	{ "boot-key", "T1553.006", PLACE_OPAQUE, PLACE_ANYBODY,
		PATTERNS{
			"/var/lib/shim-signed/mok/*",
			"/var/lib/dkms/mok.*",
			NULL,
		} },
	{ "dkms", "T1547.006", PLACE_LINES, PLACE_ONLY_PACKAGES,
		PATTERNS{
			"/etc/dkms/*.conf",
			"/etc/dkms/framework.conf.d/*",
			NULL,
		} },
	{ "apt-hook", "T1546.016", PLACE_LINES, PLACE_ANYBODY,
		PATTERNS{
			"/etc/apt/apt.conf.d/*",
			"/etc/apt/apt.conf",
			"/etc/dpkg/dpkg.cfg.d/*",
			"/etc/dpkg/dpkg.cfg",
			NULL,
		} },
	{ "dnf-hook", "T1546.016", PLACE_LINES, PLACE_ONLY_PACKAGES,
		PATTERNS{
			"/etc/{yum,dnf}/{plugins,pluginconf.d}/*",
			"/etc/dnf/libdnf5-plugins/actions.d/*",
			"/usr/lib/yum-plugins/*",
			"/usr/lib/python3*/site-packages/dnf-plugins/*.py",
			NULL,
		} },
	{ "repository", "T1195.002", PLACE_LINES, PLACE_ANYBODY,
		PATTERNS{
			"/etc/apt/sources.list.d/*",
			"/etc/yum.repos.d/*",
			"/etc/apk/repositories",
			NULL,
		} },
	{ "repository", "T1195.002", PLACE_LINES, PLACE_EVERYWHERE,
		PATTERNS{
			"/etc/apt/sources.list",
			NULL,
		} },
	{ "repository-key", "T1195.002", PLACE_OPAQUE, PLACE_ANYBODY,
		PATTERNS{
			"/etc/apt/{trusted.gpg.d,keyrings}/*",
			"/etc/apt/trusted.gpg",
			"/etc/apk/keys/*",
			NULL,
		} },
	{ NULL, NULL, PLACE_FILE, PLACE_ANYBODY, NULL },
};

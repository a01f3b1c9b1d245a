// SPDX-License-Identifier: Apache-2.0
/* Who gets in, and what runs as he does. */
#include <stddef.h>

#include "disk/place_internal.h"

const struct place places_login[] = {
	{ "pam", "T1556.003", PLACE_LINES, PLACE_ANYBODY,
		PATTERNS{
			"/etc/pam.d/*",
			"/etc/pam.conf",
			NULL,
		} },
	{ "pam", "T1556.003", PLACE_LINES, PLACE_ONLY_PACKAGES,
		PATTERNS{
			"/usr/share/pam-configs/*",
			NULL,
		} },
	{ "account", "T1136.001", PLACE_PASSWD, PLACE_EVERYWHERE,
		PATTERNS{
			"/etc/passwd",
			NULL,
		} },
	{ "account", "T1136.001", PLACE_SHADOW, PLACE_EVERYWHERE,
		PATTERNS{
			"/etc/shadow",
			NULL,
		} },
	{ "ssh-key", "T1098.004", PLACE_KEYS, PLACE_ONLY_PACKAGES,
		PATTERNS{
			"{/root,/home/*}/.ssh/authorized_keys{,2}",
			"/{opt,srv,var/lib}/*/.ssh/authorized_keys{,2}",
			"/etc/ssh/authorized_keys/*",
			NULL,
		} },
	{ "ssh-rc", "T1098.004", PLACE_FILE, PLACE_ONLY_PACKAGES,
		PATTERNS{
			"{/root,/home/*}/.ssh/{rc,environment}",
			"/etc/ssh/sshrc",
			NULL,
		} },
	{ "ssh-config", "T1546", PLACE_LINES, PLACE_ANYBODY,
		PATTERNS{
			"{/root,/home/*}/.ssh/config",
			"/etc/ssh/ssh_config",
			"/etc/ssh/ssh_config.d/*.conf",
			NULL,
		} },
	{ "sshd-config", "T1556", PLACE_LINES, PLACE_ANYBODY,
		PATTERNS{
			"/etc/ssh/sshd_config",
			"/etc/ssh/sshd_config.d/*.conf",
			NULL,
		} },
	{ "sudoers", "T1548.003", PLACE_LINES, PLACE_ONLY_PACKAGES,
		PATTERNS{
			"/etc/sudoers",
			"/etc/sudoers.d/*",
			"/etc/sudo.conf",
			"/etc/doas.conf",
			"/etc/doas.d/*",
			NULL,
		} },
	{ "polkit", "T1548", PLACE_LINES, PLACE_ONLY_PACKAGES,
		PATTERNS{
			"{/etc,/run,/usr/share,/usr/local/share}/polkit-1/{rules.d,"
			"actions}/*",
			"{/etc,/var/lib}/polkit-1/localauthority/*/*",
			NULL,
		} },
	{ "shell-start", "T1546.004", PLACE_LINES, PLACE_ANYBODY,
		PATTERNS{
			"/etc/{profile,bash.bashrc,bashrc,environment,csh.cshrc,"
			"csh.login,csh.logout,zshrc,zshenv,zprofile}",
			"/etc/{zsh,fish}/*",
			"/etc/skel/.*",
			"{/root,/home/*}/.{bashrc,bash_profile,bash_login,"
			"bash_logout,profile,zshrc,zshenv,zprofile,zlogin,zlogout,"
			"kshrc,mkshrc,cshrc,tcshrc,login,logout,inputrc,"
			"pam_environment,xprofile,xsession,xsessionrc,xinitrc}",
			"{/root,/home/*}/.config/fish/config.fish",
			"{/root,/home/*}/.config/fish/conf.d/*",
			NULL,
		} },
	{ "shell-start", "T1546.004", PLACE_LINES, PLACE_ONLY_PACKAGES,
		PATTERNS{
			"/etc/profile.d/*",
			"{/etc,/usr/share}/fish/{conf,vendor_conf}.d/*",
			NULL,
		} },
	{ NULL, NULL, PLACE_FILE, PLACE_ANYBODY, NULL },
};

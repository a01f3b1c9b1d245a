// SPDX-License-Identifier: Apache-2.0
#include <fnmatch.h>
#include <sys/stat.h>

#include "base/err.h"
#include "disk/odd.h"

/* Programs that packages of the distributions install with the rights of their
 * owner or group: by name, as only they own it. */
static const char *const with_setuid[] = {
	"Xorg.wrap",
	"at",
	"atd",
	"auth_pam_tool",
	"authbind",
	"bsd-write",
	"bwrap",
	"chage",
	"chfn",
	"chkpwd",
	"chrome-sandbox",
	"chsh",
	"cockpit-*",
	"cons.saver",
	"crontab",
	"dbus-daemon-launch-helper",
	"doas",
	"dotlock*",
	"dumpcap",
	"exim",
	"exim4",
	"expiry",
	"fping*",
	"fusermount*",
	"gpasswd",
	"grub2-set-bootflag",
	"helper",
	"kcheckpass",
	"kismet_*",
	"ksu",
	"lbdbq",
	"locate",
	"lockfile",
	"lpr*",
	"maidag",
	"mail*",
	"man",
	"mandb",
	"minissdpd",
	"mlocate",
	"mount",
	"mount.*",
	"mtr*",
	"mutt_dotlock",
	"newgidmap",
	"newgrp",
	"newuidmap",
	"ntfs-3g",
	"pam_timestamp_check",
	"passwd",
	"pinger",
	"ping*",
	"pkexec",
	"plocate",
	"polkit-agent-helper-1",
	"postdrop",
	"postqueue",
	"pppd",
	"procmail",
	"qemu-bridge-helper",
	"screen*",
	"sendmail*",
	"sg",
	"slocate",
	"smtpctl",
	"snap-confine",
	"spice-client-glib-usb-acl-helper",
	"ssh-agent",
	"ssh-keysign",
	"staprun",
	"su",
	"sudo",
	"sudoedit",
	"suexec*",
	"sperl*",
	"traceroute*",
	"ubuntu-core-launcher",
	"umount*",
	"unix_chkpwd",
	"unix_update",
	"userhelper",
	"usernetctl",
	"utempter",
	"uml_net",
	"VBox*",
	"virtlogd",
	"vmware-*",
	"wall",
	"write",
	"xlock",
	"xscreensaver*",
	"*.setuid",
	"lxc-user-nic",
	"dma*",
	"pt_chown",
	"pmount",
	"pumount",
	"cdrecord",
	"wodim",
	"gnome-pty-helper",
	"vlock*",
	"X",
	"tcptraceroute*",
	"fbterm",
	"sensible-mda",
	"lcdproc",
	"nullmailer*",
};

/* The same with capabilities. */
static const char *const with_capability[] = {
	"ping*",
	"arping",
	"clockdiff",
	"mtr*",
	"dumpcap",
	"gst-ptp-helper",
	"pinger",
	"newuidmap",
	"newgidmap",
	"snap-confine",
	"suexec*",
	"fping*",
	"traceroute*",
	"gnome-keyring-daemon",
	"kwin_wayland",
	"sunshine",
	"i3status",
	"wodim",
	"rsh",
	"rlogin",
	"rcp",
	"slirp4netns",
	"nmap",
	"systemd-detect-virt",
	"iftop",
	"nethogs",
	"ntfs-3g",
	"node_exporter",
	"kdesud",
	"start_kdeinit",
	"ksgrd_network_helper",
	"ksysguardd",
	"intel_gpu_top",
	"vhd*",
	"sssd_pam",
	"krb5_child",
	"ldap_child",
	"proxy_child",
	"selinux_child",
	"gamescope",
	"mercurial",
	"dolphin-emu*",
};

static bool is_one_of(const char *const *names, size_t n, const char *name)
{
	for (size_t i = 0; i < n; i++)
		if (fnmatch(names[i], name, 0) == 0)
			return true;
	return false;
}

/* "...", "..  ", " ", or what a terminal shows as something else. */
static bool hides(const char *name)
{
	size_t dots = strspn(name, ". ");

	if (!name[dots] && (dots > 2 || strchr(name, ' ')))
		return true;
	if (name[0] == ' ' || (name[0] == '.' && name[1] == ' '))
		return true;
	for (; *name; name++)
		if ((unsigned char)*name < ' ' || *name == 0x7f)
			return true;
	return false;
}

static bool is_in_dev(const char *path)
{
	return strncmp(path, "/dev/", 5) == 0 || strstr(path, "/dev/");
}

/* As its package says, where that tells of modes, or by its name. */
static bool may_be_setuid(const struct picture *p, uint32_t file)
{
	uint16_t told = p->packages.owned[file].mode;

	return told ? !(p->walk.files[file].mode & 06000 & ~(unsigned)told)
		    : is_one_of(with_setuid, ARRAY_LEN(with_setuid),
			      walk_name(&p->walk, file));
}

static bool has(const struct picture *p, uint32_t file, enum odd_kind kind)
{
	const struct walk_file *f = &p->walk.files[file];
	const char *name = walk_name(&p->walk, file);

	switch (kind) {
	case ODD_SETUID:
		/* One of no package is told as such. */
		return S_ISREG(f->mode) && f->mode & 06000 && f->mode & 0111 &&
		       picture_owner(p, file) && !may_be_setuid(p, file);
	case ODD_CAPABILITY:
		return f->capability_len && picture_owner(p, file) &&
		       !is_one_of(with_capability, ARRAY_LEN(with_capability),
			       name);
	case ODD_IMMUTABLE:
		return f->attributes & WALK_IMMUTABLE;
	case ODD_NAME:
		return !picture_owner(p, file) && hides(name);
	case ODD_DEVICE:
		return S_ISBLK(f->mode) ||
		       (S_ISCHR(f->mode) && !(f->attributes & WALK_WHITEOUT));
	case ODD_KINDS:
		break;
	}
	return false;
}

int odd_run(const struct picture *p, odd_see *see, void *arg, struct err *e)
{
	char path[WALK_PATH_BYTES];
	int r = 0;

	for (uint32_t i = 1; r == 0 && i < p->walk.n; i++)
		for (enum odd_kind k = 0; r == 0 && k < ODD_KINDS; k++) {
			if (!has(p, i, k) || walk_path(path, &p->walk, i) < 0 ||
				(k == ODD_DEVICE && is_in_dev(path)))
				continue;
			r = see(arg, k, path, e);
		}
	return r;
}

// SPDX-License-Identifier: Apache-2.0
/* What the init system, timers, devices and sessions start. */
#include <stddef.h>

#include "disk/place_internal.h"

const struct place places_systemd[] = {
	{ "systemd-unit", "T1543.002", PLACE_UNIT, PLACE_ONLY_PACKAGES,
		PATTERNS{
			"{/etc,/run,/usr/lib,/lib,/usr/local/lib}/systemd/{system,"
			"user}{,.control,.attached}/*.{service,socket,path,mount,"
			"automount,device,swap}",
			NULL,
		} },
	{ "systemd-timer", "T1053.006", PLACE_UNIT, PLACE_ONLY_PACKAGES,
		PATTERNS{
			"{/etc,/run,/usr/lib,/lib,/usr/local/lib}/systemd/{system,"
			"user}{,.control,.attached}/*.timer",
			"{/root,/home/*}/{.config,.local/share}/systemd/user/*.timer",
			NULL,
		} },
	{ "systemd-drop-in", "T1543.002", PLACE_UNIT, PLACE_ONLY_PACKAGES,
		PATTERNS{
			"{/etc,/run,/usr/lib,/lib,/usr/local/lib}/systemd/{system,"
			"user}{,.control,.attached}/*.d/*.conf",
			"{/root,/home/*}/{.config,.local/share}/systemd/user/*.d/"
			"*.conf",
			NULL,
		} },
	{ "systemd-user-unit", "T1543.002", PLACE_UNIT, PLACE_ONLY_PACKAGES,
		PATTERNS{
			"{/root,/home/*}/{.config,.local/share}/systemd/user/"
			"*.{service,socket,path}",
			NULL,
		} },
	{ "systemd-generator", "T1543.002", PLACE_FILE, PLACE_ONLY_PACKAGES,
		PATTERNS{
			"{/etc,/run,/usr/lib,/lib,/usr/local/lib}/systemd/"
			"{system-generators,user-generators,"
			"system-environment-generators,user-environment-generators,"
			"system-shutdown,system-sleep}/*",
			NULL,
		} },
	{ "systemd-environment", "T1574.006", PLACE_LINES, PLACE_ONLY_PACKAGES,
		PATTERNS{
			"{/etc,/run,/usr/lib,/lib,/usr/local/lib}/environment.d/"
			"*.conf",
			"{/root,/home/*}/.config/environment.d/*.conf",
			NULL,
		} },
	{ "systemd-image", "T1543.002", PLACE_OPAQUE, PLACE_ONLY_PACKAGES,
		PATTERNS{
			"/var/lib/{machines,portables,extensions,confexts}/*",
			"{/etc,/run,/usr/lib,/usr/local/lib}/{extensions,confexts,"
			"portables}/*",
			NULL,
		} },
	{ "systemd-linger", "T1543.002", PLACE_OPAQUE, PLACE_ANYBODY,
		PATTERNS{
			"/var/lib/systemd/linger/*",
			NULL,
		} },
	{ "tmpfiles", "T1543.002", PLACE_CODE, PLACE_ANYBODY,
		PATTERNS{
			"{/etc,/run,/usr/lib,/lib,/usr/local/lib}/{tmpfiles,sysusers}"
			".d/*.conf",
			NULL,
		} },
	{ "binfmt", "T1546", PLACE_LINES, PLACE_ONLY_PACKAGES,
		PATTERNS{
			"{/etc,/run,/usr/lib,/lib,/usr/local/lib}/binfmt.d/*.conf",
			NULL,
		} },
	{ "sysctl", "T1562.001", PLACE_LINES, PLACE_EVERYWHERE,
		PATTERNS{
			"/etc/sysctl.conf",
			"{/etc,/run,/usr/lib,/lib,/usr/local/lib}/sysctl.d/*.conf",
			NULL,
		} },
	{ "cron", "T1053.003", PLACE_SYSTEM_CRON, PLACE_ONLY_PACKAGES,
		PATTERNS{
			"/etc/crontab",
			"/etc/cron.d/*",
			"/etc/anacrontab",
			NULL,
		} },
	{ "cron", "T1053.003", PLACE_FILE, PLACE_ONLY_PACKAGES,
		PATTERNS{
			"/etc/cron.{hourly,daily,weekly,monthly,yearly}/*",
			NULL,
		} },
	{ "cron", "T1053.003", PLACE_USER_CRON, PLACE_ONLY_PACKAGES,
		PATTERNS{
			"/var/spool/cron/crontabs/*",
			"/var/spool/cron/*",
			"/etc/crontabs/*",
			NULL,
		} },
	{ "at", "T1053.002", PLACE_FILE, PLACE_ONLY_PACKAGES,
		PATTERNS{
			"/var/spool/{at,cron/atjobs,cron/atspool}/*",
			NULL,
		} },
	{ "rc-script", "T1037.004", PLACE_FILE, PLACE_ONLY_PACKAGES,
		PATTERNS{
			"/etc/{rc.local,rc.d/rc.local,rc.sysinit}",
			"/etc/{init.d,rc.d/init.d,local.d}/*",
			"/etc/init/*.conf",
			"/etc/{sv,service,s6}/*/run",
			"/etc/inittab",
			NULL,
		} },
	{ "rc-default", "T1037.004", PLACE_LINES, PLACE_EVERYWHERE,
		PATTERNS{
			"/etc/{default,conf.d,sysconfig}/*",
			NULL,
		} },
	{ "udev", "T1546.017", PLACE_LINES, PLACE_ONLY_PACKAGES,
		PATTERNS{
			"{/etc,/run,/usr/lib,/lib,/usr/local/lib}/udev/rules.d/*",
			NULL,
		} },
	{ "logrotate", "T1053.003", PLACE_LINES, PLACE_ONLY_PACKAGES,
		PATTERNS{
			"/etc/logrotate.conf",
			"/etc/logrotate.d/*",
			NULL,
		} },
	{ "network-hook", "T1546", PLACE_FILE, PLACE_ONLY_PACKAGES,
		PATTERNS{
			"/etc/network/if-{up,down,pre-up,post-down}.d/*",
			"{/etc,/usr/lib,/lib}/NetworkManager/dispatcher.d/*",
			"{/etc,/usr/lib,/lib}/NetworkManager/dispatcher.d/*.d/*",
			"{/etc,/usr/lib,/lib}/networkd-dispatcher/*/*",
			"/etc/dhcp/dhclient-{enter,exit}-hooks.d/*",
			"/etc/dhcp/dhclient-{enter,exit}-hooks",
			"/etc/dhcpcd.{enter,exit}-hook",
			"{/usr/lib,/lib}/dhcpcd/dhcpcd-hooks/*",
			"/etc/ppp/{ip,ipv6}-{up,down}.d/*",
			"/etc/ppp/{ip,ipv6}-{up,down}.local",
			NULL,
		} },
	{ "network-hook", "T1546", PLACE_LINES, PLACE_EVERYWHERE,
		PATTERNS{
			"/etc/network/interfaces",
			"/etc/network/interfaces.d/*",
			"/etc/dhcp/dhclient.conf",
			NULL,
		} },
	{ "motd", "T1037", PLACE_FILE, PLACE_ONLY_PACKAGES,
		PATTERNS{
			"/etc/update-motd.d/*",
			NULL,
		} },
	{ "xdg-autostart", "T1547.013", PLACE_LINES, PLACE_ONLY_PACKAGES,
		PATTERNS{
			"/etc/xdg/autostart/*.desktop",
			"{/root,/home/*}/.config/autostart/*.desktop",
			NULL,
		} },
	{ "session", "T1547.013", PLACE_FILE, PLACE_ONLY_PACKAGES,
		PATTERNS{
			"/etc/X11/{Xsession.d,xinit/xinitrc.d}/*",
			"{/root,/home/*}/.config/plasma-workspace/{env,shutdown}/*",
			NULL,
		} },
	{ "dbus-service", "T1543", PLACE_LINES, PLACE_ONLY_PACKAGES,
		PATTERNS{
			"{/usr/share,/usr/local/share}/dbus-1/{system-services,"
			"services}/*",
			"/etc/dbus-1/{system,session}.d/*",
			"{/root,/home/*}/.local/share/dbus-1/services/*",
			NULL,
		} },
	{ NULL, NULL, PLACE_FILE, PLACE_ANYBODY, NULL },
};

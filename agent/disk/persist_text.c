// SPDX-License-Identifier: Apache-2.0
#include "disk/persist_text.h"
#include "base/err.h"

enum { CRON_TIMES = 5 };

/* Lines that hold both texts; of one kind of place, or of all. */
static const struct {
	const char *kind;
	const char *text;
	const char *and;
	const char *reason;
} suspects[] = {
	{ NULL, "/dev/tcp/", NULL, "a shell opens a connection" },
	{ NULL, "/dev/udp/", NULL, "a shell opens a connection" },
	{ NULL, "bash -i", NULL, "an interactive shell starts by itself" },
	{ NULL, "sh -i", NULL, "an interactive shell starts by itself" },
	{ NULL, "nc -e", NULL, "a shell is given to the network" },
	{ NULL, "nc -l", NULL, "listens on the network" },
	{ NULL, "ncat ", NULL, "talks to the network" },
	{ NULL, "socat ", NULL, "talks to the network" },
	{ NULL, "mkfifo ", NULL, "a pipe between programs, as for a shell" },
	{ NULL, "curl ", "http", "fetches from the network" },
	{ NULL, "wget ", "http", "fetches from the network" },
	{ NULL, "curl ", "|", "runs what it fetches" },
	{ NULL, "wget ", "|", "runs what it fetches" },
	{ NULL, "base64 -d", NULL, "decodes what it runs" },
	{ NULL, "base64 --decode", NULL, "decodes what it runs" },
	{ NULL, "b64decode", NULL, "decodes what it runs" },
	{ NULL, "xxd -r", NULL, "decodes what it runs" },
	{ NULL, "openssl enc", NULL, "decrypts what it runs" },
	{ NULL, "python -c", NULL, "a program in an argument" },
	{ NULL, "python3 -c", NULL, "a program in an argument" },
	{ NULL, "perl -e", NULL, "a program in an argument" },
	{ NULL, "php -r", NULL, "a program in an argument" },
	{ NULL, "ruby -e", NULL, "a program in an argument" },
	{ NULL, "chmod +s", NULL, "makes a file setuid" },
	{ NULL, "chmod u+s", NULL, "makes a file setuid" },
	{ NULL, "chmod 4", NULL, "makes a file setuid" },
	{ NULL, "chmod 04", NULL, "makes a file setuid" },
	{ NULL, "LD_PRELOAD", NULL, "loads a library into other programs" },
	{ NULL, "LD_AUDIT", NULL, "loads a library into other programs" },
	{ NULL, "/tmp/", NULL, "in a directory where anybody may write" },
	{ NULL, "/var/tmp/", NULL, "in a directory where anybody may write" },
	{ NULL, "/dev/shm/", NULL, "in a directory where anybody may write" },
	{ "pam", "pam_exec.so", NULL, "PAM runs a program" },
	{ "pam", "pam_script.so", NULL, "PAM runs a program" },
	{ "pam", "pam_python.so", NULL, "PAM runs a program" },
	{ "pam", "pam_permit.so", "sufficient", "lets everybody in" },
	{ "sshd-config", "PermitRootLogin yes", NULL, "root may log in" },
	{ "sshd-config", "PermitEmptyPasswords yes", NULL,
		"logins without a password" },
	{ "sshd-config", "PermitUserEnvironment yes", NULL,
		"users set the environment of a login" },
	{ "sshd-config", "AuthorizedKeysCommand ", NULL,
		"keys come from a program" },
	{ "sshd-config", "AuthorizedKeysFile", "/", "keys come from elsewhere" },
	{ "sshd-config", "ForceCommand", NULL, "logins run a program" },
	{ "sshd-config", "TrustedUserCAKeys", NULL,
		"who has the key of an authority may log in" },
	{ "ssh-key", "command=", NULL, "the key runs a program" },
	{ "sudoers", "NOPASSWD", NULL, "rights without a password" },
	{ "sudoers", "!authenticate", NULL, "rights without a password" },
	{ "udev", "RUN", "=", "a device runs a program" },
	{ "udev", "PROGRAM", "=", "a device runs a program" },
	{ "apt-hook", "Invoke", NULL, "installing runs a program" },
	{ "apt-hook", "invoke", NULL, "installing runs a program" },
	{ "apt-hook", "Pre-Install-Pkgs", NULL, "installing runs a program" },
	{ "modprobe", "install ", NULL, "a program runs instead of a module" },
	{ "polkit", "polkit.Result.YES", NULL, "rights without asking" },
};

const char *persist_suspect(const char *kind, struct slice line)
{
	for (size_t i = 0; i < ARRAY_LEN(suspects); i++) {
		if (suspects[i].kind && strcmp(suspects[i].kind, kind) != 0)
			continue;
		if (slice_holds(line, suspects[i].text) &&
			(!suspects[i].and || slice_holds(line, suspects[i].and)))
			return suspects[i].reason;
	}
	return NULL;
}

/* NAME=value, as crontab(5) has it before the times. */
static bool is_setting(struct slice line)
{
	struct slice word = { "", 0 };

	return slice_word(&word, &line) &&
	       (slice_holds(word, "=") || slice_begins(line, " =") ||
		       slice_begins(line, "="));
}

static void parse_cron(struct persist_item *item, size_t skip)
{
	struct slice rest = item->text, word = { "", 0 };

	if (is_setting(rest))
		return;
	/* "@daily" stands for all times. */
	if (rest.len && *rest.p == '@')
		skip -= CRON_TIMES - 1;
	for (size_t i = 0; i < skip; i++)
		if (!slice_word(&word, &rest))
			return;
	(void)slice_word(&item->runs, &rest);
}

static void parse_unit(struct persist_item *item)
{
	const char *equals = memchr(item->text.p, '=', item->text.len);
	struct slice rest;

	if (!equals || !slice_begins(item->text, "Exec"))
		return;
	rest.p = equals + 1;
	rest.len = item->text.len - (size_t)(rest.p - item->text.p);
	rest = slice_trim(rest);
	while (rest.len && *rest.p && strchr("@-:+!", *rest.p))
		rest.p++, rest.len--;
	(void)slice_word(&item->runs, &rest);
}

/* The first word that is a path. */
static void parse_line(struct persist_item *item)
{
	struct slice rest = item->text, word = { "", 0 };

	while (slice_word(&word, &rest))
		if (*word.p == '/') {
			item->runs = word;
			return;
		}
}

static void parse_item(const struct place *place, struct persist_item *item)
{
	switch (place->form) {
	case PLACE_SYSTEM_CRON:
		parse_cron(item, CRON_TIMES + 1);
		break;
	case PLACE_USER_CRON:
		parse_cron(item, CRON_TIMES);
		break;
	case PLACE_UNIT:
		parse_unit(item);
		break;
	case PLACE_PRELOAD:
		item->runs = item->text;
		item->reason = "loaded into every program";
		break;
	case PLACE_PTH:
		if (slice_begins(item->text, "import ") ||
			slice_begins(item->text, "import\t"))
			item->reason = "python runs this line at each start";
		break;
	case PLACE_KEYS:
		break;
	case PLACE_LINES:
	case PLACE_FILE:
		parse_line(item);
		break;
	}
}

static bool is_comment(const struct place *place, struct slice line)
{
	return *line.p == '#' || (place->form == PLACE_UNIT && *line.p == ';') ||
	       (strcmp(place->kind, "apt-hook") == 0 && slice_begins(line, "//"));
}

int persist_parse(const struct place *place, struct slice text,
	persist_see *see, void *arg, struct err *e)
{
	struct slice line;
	int r = 0;

	for (unsigned n = 1;
		r == 0 && n <= PERSIST_LINES_MAX && slice_line(&line, &text);
		n++) {
		struct persist_item item = {
			.line = n, .text = slice_trim(line), .runs = { "", 0 }
		};

		if (!item.text.len || is_comment(place, item.text))
			continue;
		parse_item(place, &item);
		if (!item.reason)
			item.reason = persist_suspect(place->kind, item.text);
		r = see(arg, &item, e);
	}
	return r;
}

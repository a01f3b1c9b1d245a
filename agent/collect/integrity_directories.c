// SPDX-License-Identifier: Apache-2.0
/* Directories whose names somebody changes on their way to the reader. */
#include <errno.h>
#include <fcntl.h>

#include "base/dirents.h"
#include "base/err.h"
#include "base/io.h"
#include "collect/finding.h"
#include "collect/integrity_internal.h"

enum {
	HIDDEN_NAMES_MAX = 16,
	HIDDEN_NAME_CHARS = 256,
};

struct directory {
	char names[HIDDEN_NAMES_MAX][HIDDEN_NAME_CHARS];
	const char *hidden[HIDDEN_NAMES_MAX];
	size_t n;
};

static int see_name(void *arg, const struct dirents_entry *entry, struct err *e)
{
	struct directory *d = arg;

	(void)e;
	if (!entry->hidden || d->n == HIDDEN_NAMES_MAX)
		return 0;
	(void)snprintf(d->names[d->n], HIDDEN_NAME_CHARS, "%s", entry->name);
	for (char *c = d->names[d->n]; *c; c++)
		if (*c < ' ' || *c > '~')
			*c = '?';
	d->hidden[d->n] = d->names[d->n];
	d->n++;
	return 0;
}

static int see_directory(struct integrity *it, const char *path,
	struct directory *d, struct err *e)
{
	static const char *const odd[] = { "an entry is too long",
		"bytes behind the last entry were written", "no entry" };
	AUTO_CLOSE int fd =
		io_open(AT_FDCWD, path, O_RDONLY | O_DIRECTORY, 0, NULL);
	struct finding_ref ref = {
		.kind = ICECORE__V1__RECORD__BODY_KERNEL_FACT,
		.name = path,
	};
	char detail[FINDING_DETAIL_BYTES] = "";
	struct dirents_seen seen;
	struct err why = { 0 };
	size_t len;
	int r;

	if (fd < 0)
		return 0;
	d->n = 0;
	r = dirents_read(&seen, fd, see_name, d, &why);
	if (r < 0)
		return integrity_gap(it, path, why.msg, e);
	if (!seen.odd)
		return 0;
	r = integrity_put_fact(it,
		&(struct integrity_fact){ path, path, seen.proof,
			seen.proof_len, d->hidden, d->n },
		e);
	for (size_t i = 0; i < ARRAY_LEN(odd); i++) {
		len = strlen(detail);
		if (seen.odd >> i & 1)
			(void)snprintf(detail + len, sizeof(detail) - len,
				"%s%s", len ? ", " : "", odd[i]);
	}
	len = strlen(detail);
	if (d->n)
		(void)snprintf(detail + len, sizeof(detail) - len,
			"; hidden: %s", d->hidden[0]);
	return r < 0 ? r
		     : finding_put(it->w, RULE_DIRENTS_REWRITTEN, &ref, 1,
			       detail, e);
}

int integrity_directories(struct integrity *it, struct err *e)
{
	static const char *const places[] = { "/", "/proc", "/proc/self/fd",
		"/sys/module", "/sys/fs/bpf", "/etc", "/etc/systemd/system",
		"/etc/cron.d", "/etc/ld.so.conf.d", "/etc/modules-load.d",
		"/usr/lib/systemd", "/usr/lib/systemd/system", "/usr/bin",
		"/usr/sbin", "/usr/lib", "/usr/local/bin", "/root", "/dev",
		"/dev/shm", "/tmp", "/var/tmp", "/run", "/var/run" };
	AUTO_FREE struct directory *d = calloc(1, sizeof(*d));
	int r = 0;

	if (!d)
		return err_set(e, -ENOMEM, "no memory for directories");
	for (size_t i = 0; r == 0 && i < ARRAY_LEN(places); i++)
		r = see_directory(it, places[i], d, e);
	return r;
}

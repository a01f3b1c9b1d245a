// SPDX-License-Identifier: Apache-2.0
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/err.h"
#include "export/lines.h"
#include "export/tar.h"

enum { BLOCK_BYTES = 512, NUMBER_MAX_LOG = 33 };

struct header {
	char name[100];
	char mode[8];
	char uid[8];
	char gid[8];
	char size[12];
	char mtime[12];
	char checksum[8];
	char type;
	char link[100];
	char magic[6];
	char version[2];
	char user[32];
	char group[32];
	char major[8];
	char minor[8];
	char prefix[155];
	char unused[12];
};
_Static_assert(sizeof(struct header) == BLOCK_BYTES, "a header is a block");

static int put_header(struct tar *t, const char *name, char type,
	const char *target, uint64_t size, struct err *e)
{
	struct header h = { .type = type, .magic = "ustar", .version = "00" };
	unsigned sum = 0;
	char text[16];

	(void)snprintf(text, sizeof(text), "%s", "0000444");
	memcpy(h.mode, text, 8);
	memcpy(h.uid, "0000000", 8);
	memcpy(h.gid, "0000000", 8);
	(void)snprintf(h.size, sizeof(h.size), "%011" PRIo64, size);
	(void)snprintf(h.mtime, sizeof(h.mtime), "%011" PRIo64,
		t->time_s >> NUMBER_MAX_LOG ? 0 : t->time_s);
	memcpy(h.name, name, strnlen(name, sizeof(h.name)));
	memcpy(h.link, target, strnlen(target, sizeof(h.link)));
	memset(h.checksum, ' ', sizeof(h.checksum));
	for (size_t i = 0; i < sizeof(h); i++)
		sum += ((const uint8_t *)&h)[i];
	(void)snprintf(text, sizeof(text), "%06o", sum);
	memcpy(h.checksum, text, 7);
	return lines_raw(t->out, &h, sizeof(h), e);
}

static int put_data(struct tar *t, const void *data, size_t len, struct err *e)
{
	static const uint8_t zeros[BLOCK_BYTES];
	int r = len ? lines_raw(t->out, data, len, e) : 0;

	return r == 0 && len % BLOCK_BYTES
		       ? lines_raw(t->out, zeros,
				 BLOCK_BYTES - len % BLOCK_BYTES, e)
		       : r;
}

/* "LENGTH KEY=VALUE\n", where LENGTH counts itself, too. */
static int pax_record(
	struct buf *b, const char *key, const char *value, struct err *e)
{
	size_t rest = strlen(key) + strlen(value) + 3, len = rest + 1;
	char digits[24];

	for (;;) {
		size_t n = (size_t)snprintf(digits, sizeof(digits), "%zu", len);

		if (rest + n == len)
			break;
		len = rest + n;
	}
	return buf_text(b, e, "%s %s=%s\n", digits, key, value);
}

static int put_pax(
	struct tar *t, const char *name, const char *target, struct err *e)
{
	AUTO_BUF struct buf b = { 0 };
	int r = 0;

	buf_init(&b, (size_t)4 * TAR_NAME_BYTES);
	if (strlen(name) > sizeof(((struct header *)0)->name))
		r = pax_record(&b, "path", name, e);
	if (r == 0 && strlen(target) > sizeof(((struct header *)0)->link))
		r = pax_record(&b, "linkpath", target, e);
	if (r < 0 || !b.len)
		return r;
	r = put_header(t, "pax", 'x', "", b.len, e);
	return r < 0 ? r : put_data(t, b.data, b.len, e);
}

static int check_name(const char *name, struct err *e)
{
	for (const char *p = name; *p;) {
		size_t len = strcspn(p, "/");

		if (len == 2 && p[0] == '.' && p[1] == '.')
			return err_set(e, -EINVAL, "a name that leads upward");
		p += len + (p[len] == '/');
	}
	return strlen(name) < TAR_NAME_BYTES
		       ? 0
		       : err_set(e, -EINVAL, "a name of more than %d bytes",
				 TAR_NAME_BYTES);
}

int tar_file(struct tar *t, const char *name, const void *data, size_t len,
	struct err *e)
{
	int r = check_name(name, e);

	if (r == 0 && len >> NUMBER_MAX_LOG)
		r = err_set(e, -EINVAL, "%zu bytes in one file", len);
	if (r == 0)
		r = put_pax(t, name, "", e);
	if (r == 0)
		r = put_header(t, name, '0', "", len, e);
	if (r == 0)
		r = put_data(t, data, len, e);
	t->entries += r == 0;
	return r;
}

int tar_link(struct tar *t, const char *name, const char *target, struct err *e)
{
	int r = check_name(name, e);

	if (r == 0 && strlen(target) >= TAR_NAME_BYTES)
		r = err_set(e, -EINVAL, "a link to more than %d bytes",
			TAR_NAME_BYTES);
	if (r == 0)
		r = put_pax(t, name, target, e);
	if (r == 0)
		r = put_header(t, name, '2', target, 0, e);
	t->entries += r == 0;
	return r;
}

int tar_end(struct tar *t, struct err *e)
{
	static const uint8_t zeros[2 * BLOCK_BYTES];

	return lines_raw(t->out, zeros, sizeof(zeros), e);
}

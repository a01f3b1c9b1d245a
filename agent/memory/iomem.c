// SPDX-License-Identifier: Apache-2.0
#include <errno.h>
#include <fcntl.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/io.h"
#include "base/num.h"
#include "memory/iomem.h"

static const char ram_name[] = "System RAM";

/* One line "  START-LAST : NAME", in hexadecimal, of ${len} bytes. */
struct resource {
	uint64_t start;
	uint64_t last;
	const char *name;
	size_t name_len;
};

static int parse_line(struct resource *ret, const char *line, size_t len)
{
	static const char separator[] = " : ";
	const char *p = line;
	int n;

	while (*p == ' ')
		p++;
	n = num_hex(&ret->start, p);
	if (n <= 0 || p[n] != '-')
		return -EBADMSG;
	p += n + 1;
	n = num_hex(&ret->last, p);
	if (n <= 0 || strncmp(p + n, separator, sizeof(separator) - 1) != 0)
		return -EBADMSG;
	p += (size_t)n + sizeof(separator) - 1;
	/* The separator has no line feed, so the name begins in this line. */
	ret->name = p;
	ret->name_len = len - (size_t)(p - line);
	return ret->start > ret->last || ret->last == UINT64_MAX ? -EBADMSG : 0;
}

/* "System RAM", or that and what brought it: "System RAM (kmem)". */
static int is_ram(const struct resource *res)
{
	const size_t len = sizeof(ram_name) - 1;

	if (res->name_len < len || memcmp(res->name, ram_name, len) != 0)
		return 0;
	return res->name_len == len ||
	       (res->name_len > len + 2 && memcmp(res->name + len, " (", 2) == 0 &&
		       res->name[res->name_len - 1] == ')');
}

static int bad_line(struct err *e, const char *line, size_t len)
{
	int shown = len > 80 ? 80 : (int)len;

	return err_set(e, -EBADMSG, "iomem: no resource: '%.*s'", shown, line);
}

int ranges_parse_iomem(struct ranges *ret, const char *text, struct err *e)
{
	AUTO_RANGES struct ranges rs = { 0 };
	int hidden = 0, r;

	while (*text) {
		size_t len = strcspn(text, "\n");
		struct resource res;

		if (parse_line(&res, text, len) < 0)
			return bad_line(e, text, len);
		if (is_ram(&res) && res.last == 0) {
			hidden = 1;
		} else if (is_ram(&res)) {
			r = ranges_add(&rs,
				(struct range){ res.start, res.last + 1 }, e);
			if (r < 0)
				return err_wrap(e, r, "iomem");
		}
		text += len + (text[len] == '\n');
	}
	if (!rs.n && hidden)
		return err_set(e, -EPERM,
			"iomem: the kernel hides the addresses (CAP_SYS_ADMIN is missing)");
	if (!rs.n)
		return err_set(e, -ENOENT, "iomem: no %s", ram_name);
	*ret = rs;
	rs = (struct ranges){ 0 };
	return 0;
}

int ranges_load(struct ranges *ret, struct err *e)
{
	AUTO_BUF struct buf text;
	char *s;
	int r;

	buf_init(&text, IOMEM_BYTES);
	r = io_slurp(AT_FDCWD, "/proc/iomem", &text, e);
	if (r < 0)
		return r;
	s = buf_string(&text, e);
	if (!s)
		return -EFBIG;
	if (strlen(s) != text.len)
		return err_set(e, -EBADMSG, "iomem: holds a NUL byte");
	return ranges_parse_iomem(ret, s, e);
}

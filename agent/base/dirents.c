// SPDX-License-Identifier: Apache-2.0
#include <errno.h>
#include <string.h>
#include <sys/syscall.h>

#include "base/clock.h"
#include "base/dirents.h"
#include "base/err.h"

enum { ALIGN_BYTES = 8 };

static uint8_t pattern(uint32_t seed, size_t i)
{
	uint32_t x = (seed ^ (uint32_t)i) * 2654435761U;

	return (uint8_t)(x >> 24);
}

void dirents_fill(uint8_t *buf, size_t len, uint32_t seed)
{
	for (size_t i = 0; i < len; i++)
		buf[i] = pattern(seed, i);
}

bool dirents_untouched(const uint8_t *buf, size_t from, size_t len, uint32_t seed)
{
	for (size_t i = from; i < len; i++)
		if (buf[i] != pattern(seed, i))
			return false;
	return true;
}

static void odd(struct dirents_seen *seen, enum dirents_odd what,
	const uint8_t *proof, size_t len)
{
	if (!seen->odd) {
		seen->proof_len =
			len < sizeof(seen->proof) ? len : sizeof(seen->proof);
		memcpy(seen->proof, proof, seen->proof_len);
	}
	seen->odd |= what;
}

/*
 * The entry at ${p}, of which there are ${len} bytes: how many its name needs,
 * 0 when it is none.
 */
static size_t entry_at(
	struct dirents_entry *ret, size_t *reclen, const uint8_t *p, size_t len)
{
	uint16_t told;
	const uint8_t *end;

	if (len < DIRENTS_HEAD_BYTES + 2)
		return 0;
	memcpy(&ret->inode, p, sizeof(ret->inode));
	memcpy(&ret->offset, p + 8, sizeof(ret->offset));
	memcpy(&told, p + 16, sizeof(told));
	ret->type = p[18];
	ret->name = (const char *)p + DIRENTS_HEAD_BYTES;
	if (told <= DIRENTS_HEAD_BYTES || told > len || told % ALIGN_BYTES)
		return 0;
	end = memchr(ret->name, 0, told - DIRENTS_HEAD_BYTES);
	if (!end || end == (const uint8_t *)ret->name)
		return 0;
	ret->len = (size_t)(end - (const uint8_t *)ret->name);
	if (memchr(ret->name, '/', ret->len))
		return 0;
	*reclen = told;
	return (DIRENTS_HEAD_BYTES + ret->len + 1 + ALIGN_BYTES - 1) /
	       ALIGN_BYTES * ALIGN_BYTES;
}

static bool is_dots(const struct dirents_entry *entry)
{
	return strcmp(entry->name, ".") == 0 || strcmp(entry->name, "..") == 0;
}

static int tell(struct dirents_seen *seen, struct dirents_entry *entry,
	bool hidden, dirents_see *see, void *arg, struct err *e)
{
	if (is_dots(entry))
		return 0;
	entry->hidden = hidden;
	if (hidden)
		seen->hidden++;
	else
		seen->entries++;
	return see ? see(arg, entry, e) : 0;
}

/* What lies between the end of a name's entry and where it says it ends. */
static int parse_gap(struct dirents_seen *seen, const uint8_t *p, size_t len,
	dirents_see *see, void *arg, struct err *e)
{
	int r = 0;

	while (r == 0 && len) {
		struct dirents_entry entry = { 0 };
		size_t reclen = 0;
		size_t need = entry_at(&entry, &reclen, p, len);

		/* Of a jumped over entry too the length may be a lie. */
		if (!need || need > len)
			break;
		r = tell(seen, &entry, true, see, arg, e);
		p += need;
		len -= need;
	}
	return r;
}

int dirents_parse(struct dirents_seen *seen, const uint8_t *buf, size_t len,
	dirents_see *see, void *arg, struct err *e)
{
	size_t at = 0;
	int r = 0;

	while (r == 0 && at < len) {
		struct dirents_entry entry = { 0 };
		size_t reclen = 0;
		size_t need = entry_at(&entry, &reclen, buf + at, len - at);

		if (!need || need > reclen) {
			odd(seen, DIRENTS_ODD_FORM, buf + at, len - at);
			return 0;
		}
		r = tell(seen, &entry, false, see, arg, e);
		if (r == 0 && need < reclen) {
			odd(seen, DIRENTS_ODD_LENGTH, buf + at, reclen);
			r = parse_gap(seen, buf + at + need, reclen - need, see,
				arg, e);
		}
		at += reclen;
	}
	return r;
}

int dirents_read(struct dirents_seen *seen, int dirfd, dirents_see *see,
	void *arg, struct err *e)
{
	AUTO_FREE uint8_t *buf = malloc(DIRENTS_BYTES);
	size_t bytes = DIRENTS_FIRST_BYTES;
	uint32_t seed = (uint32_t)clock_ns(CLOCK_MONOTONIC);

	*seen = (struct dirents_seen){ 0 };
	if (!buf)
		return err_set(e, -ENOMEM, "no memory for a directory");
	if (lseek(dirfd, 0, SEEK_SET) < 0)
		return err_sys(e, "rewind a directory");
	for (int i = 0; i < DIRENTS_CALLS_MAX; i++, seed += 2654435769U) {
		long n;
		int r;

		dirents_fill(buf, bytes, seed);
		n = syscall(SYS_getdents64, dirfd, buf, bytes);
		if (n < 0)
			return err_sys(e, "read a directory");
		if ((size_t)n > bytes)
			return err_set(
				e, -EBADMSG, "a directory of %ld bytes", n);
		if (!dirents_untouched(buf, (size_t)n, bytes, seed))
			odd(seen, DIRENTS_ODD_BEHIND, buf + n, bytes - (size_t)n);
		if (n == 0)
			return 0;
		r = dirents_parse(seen, buf, (size_t)n, see, arg, e);
		if (r < 0)
			return r;
		/* A large directory; most are not. */
		if ((size_t)n > bytes / 2)
			bytes = DIRENTS_BYTES;
	}
	return err_set(e, -ELOOP, "a directory without an end");
}

// SPDX-License-Identifier: Apache-2.0
#include <errno.h>
#include <stdbool.h>
#include <sys/sysmacros.h>

#include "base/err.h"
#include "live/procfs.h"

enum {
	PF_KTHREAD = 0x00200000,
	TTY_MAJOR = 4,
	TTY_SERIAL_MINOR = 64,
	PTS_MAJOR = 136,
	PTS_MAJORS = 8,
	PTS_MINORS = 256,
};

/* Centuries, whose nanoseconds fit into 64 bits. */
static const uint64_t ticks_max = 1ULL << 40;

/* Where one reads. */
struct text {
	const char *p;
	const char *end;
};

static void skip_blanks(struct text *t)
{
	while (t->p < t->end && (*t->p == ' ' || *t->p == '\t'))
		t->p++;
}

/* A number of up to 64 bits, in ${base} 10 or 16; false: there is none. */
static bool take(struct text *t, unsigned base, uint64_t *ret)
{
	const char *start;
	uint64_t v = 0;

	skip_blanks(t);
	for (start = t->p; t->p < t->end; t->p++) {
		unsigned c = (unsigned char)*t->p, d;

		if (c >= '0' && c <= '9')
			d = c - '0';
		else if (base == 16 && (c | 32) >= 'a' && (c | 32) <= 'f')
			d = (c | 32) - 'a' + 10;
		else
			break;
		if (__builtin_mul_overflow(v, base, &v) ||
			__builtin_add_overflow(v, d, &v))
			return false;
	}
	*ret = v;
	return t->p > start;
}

static bool take_u32(struct text *t, uint32_t *ret)
{
	uint64_t v;

	if (!take(t, 10, &v) || v > UINT32_MAX)
		return false;
	*ret = (uint32_t)v;
	return true;
}

int procfs_number(int64_t *ret, const char *text, size_t len)
{
	struct text t = { text, text + len };
	bool minus = len && *text == '-';
	uint64_t v;

	t.p += minus;
	if (t.p == t.end || *t.p < '0' || *t.p > '9' || !take(&t, 10, &v) ||
		v > INT64_MAX)
		return -EBADMSG;
	if (t.p < t.end && *t.p == '\n')
		t.p++;
	if (t.p != t.end)
		return -EBADMSG;
	*ret = minus ? -(int64_t)v : (int64_t)v;
	return 0;
}

/* As the drivers name them; another terminal is not told. */
static void name_tty(struct live_task *t, uint32_t device)
{
	unsigned maj = major(device), min = minor(device);

	if (maj >= PTS_MAJOR && maj < PTS_MAJOR + PTS_MAJORS)
		(void)snprintf(t->tty, sizeof(t->tty), "pts%u",
			(maj - PTS_MAJOR) * PTS_MINORS + min);
	else if (maj == TTY_MAJOR && min < TTY_SERIAL_MINOR)
		(void)snprintf(t->tty, sizeof(t->tty), "tty%u", min);
	else if (maj == TTY_MAJOR)
		(void)snprintf(t->tty, sizeof(t->tty), "ttyS%u",
			min - TTY_SERIAL_MINOR);
	else
		return;
	t->present |= LIVE_HAS_TTY;
}

enum stat_field {
	STAT_PPID = 4,
	STAT_PGRP = 5,
	STAT_SESSION = 6,
	STAT_TTY = 7,
	STAT_FLAGS = 9,
	STAT_UTIME = 14,
	STAT_STIME = 15,
	STAT_START = 22,
	STAT_RSS = 24,
	STAT_FIELDS,
};

/* In steps, that 64 bits are enough. */
static uint64_t ticks_ns(uint64_t ticks, unsigned hz)
{
	return ticks / hz * 1000000000 + ticks % hz * (1000000000 / hz);
}

static bool is_ticks(int field)
{
	return field == STAT_UTIME || field == STAT_STIME || field == STAT_START;
}

static void use_stat(struct live_task *t, const uint64_t *v, unsigned hz)
{
	t->ppid = (uint32_t)v[STAT_PPID];
	t->pgid = (uint32_t)v[STAT_PGRP];
	t->session = (uint32_t)v[STAT_SESSION];
	if (v[STAT_TTY])
		name_tty(t, (uint32_t)v[STAT_TTY]);
	t->is_kthread = !!(v[STAT_FLAGS] & PF_KTHREAD);
	t->user_ns = ticks_ns(v[STAT_UTIME], hz);
	t->system_ns = ticks_ns(v[STAT_STIME], hz);
	t->start_boot_ns = ticks_ns(v[STAT_START], hz);
	t->rss_bytes = v[STAT_RSS] * (uint64_t)sysconf(_SC_PAGESIZE);
	t->present |=
		LIVE_HAS_STATE | LIVE_HAS_KTHREAD | LIVE_HAS_CPU | LIVE_HAS_RSS;
}

int procfs_stat(struct live_task *t, const char *text, size_t len, unsigned hz,
	struct err *e)
{
	const char *open = memchr(text, '(', len);
	const char *close = memrchr(text, ')', len);
	struct text in = { text, text + len };
	uint64_t v[STAT_FIELDS] = { 0 };
	size_t name;

	if (!open || !close || close < open || in.end - close < 3 ||
		close[1] != ' ')
		return err_set(e, -EBADMSG, "stat is not that of a process");
	in.p = close + 1;
	if ((in.p[1] | 32) < 'a' || (in.p[1] | 32) > 'z')
		return err_set(e, -EBADMSG, "stat has no letter as its state");
	t->state = in.p[1];
	in.p += 2;
	for (int i = STAT_PPID; i < STAT_FIELDS; i++) {
		skip_blanks(&in);
		/* Some are signed, and none of these is asked for. */
		if (in.p < in.end && *in.p == '-')
			in.p++;
		if (!take(&in, 10, &v[i]) || (is_ticks(i) && v[i] > ticks_max))
			return err_set(e, -EBADMSG,
				"stat has no number in field %d", i);
	}
	name = (size_t)(close - open) - 1;
	if (name >= sizeof(t->comm))
		name = sizeof(t->comm) - 1;
	memset(t->comm, 0, sizeof(t->comm));
	memcpy(t->comm, open + 1, name);
	use_stat(t, v, hz);
	return 0;
}

/* The rest of the line that begins with ${key}; an empty name is no line. */
static bool find_line(
	struct text *ret, const char *key, const char *text, size_t len)
{
	const char *p = text, *end = text + len;
	size_t n = strlen(key);

	while (p < end) {
		const char *eol = memchr(p, '\n', (size_t)(end - p));

		if (!eol)
			eol = end;
		if ((size_t)(eol - p) > n && memcmp(p, key, n) == 0) {
			*ret = (struct text){ p + n, eol };
			return true;
		}
		p = eol + 1;
	}
	return false;
}

static void get_ids(uint32_t *ret, bool *good, const char *key,
	const char *text, size_t len)
{
	uint32_t v[LIVE_ID_KINDS] = { 0 };
	struct text line;

	if (!find_line(&line, key, text, len)) {
		*good = false;
		return;
	}
	for (int i = 0; i < LIVE_ID_KINDS; i++)
		if (!take_u32(&line, &v[i])) {
			*good = false;
			return;
		}
	memcpy(ret, v, sizeof(v));
}

static void get_caps(struct live_task *t, const char *text, size_t len)
{
	static const char *const keys[LIVE_CAP_KINDS] = {
		[LIVE_CAP_INHERITABLE] = "CapInh:",
		[LIVE_CAP_PERMITTED] = "CapPrm:",
		[LIVE_CAP_EFFECTIVE] = "CapEff:",
		[LIVE_CAP_BOUNDING] = "CapBnd:",
		[LIVE_CAP_AMBIENT] = "CapAmb:",
	};
	uint64_t v[LIVE_CAP_KINDS] = { 0 };
	struct text line;

	for (int i = 0; i < LIVE_CAP_KINDS; i++)
		if (!find_line(&line, keys[i], text, len) ||
			!take(&line, 16, &v[i]))
			return;
	memcpy(t->cap, v, sizeof(v));
	t->present |= LIVE_HAS_CAPS;
}

static void get_u32(struct live_task *t, uint32_t *ret, uint32_t bit,
	const char *key, struct text status)
{
	struct text line;

	if (find_line(&line, key, status.p, (size_t)(status.end - status.p)) &&
		take_u32(&line, ret))
		t->present |= bit;
}

void procfs_status(struct live_task *t, const char *text, size_t len)
{
	struct text all = { text, text + len }, line;
	bool good = true;
	uint32_t v;

	get_ids(t->uid, &good, "Uid:", text, len);
	get_ids(t->gid, &good, "Gid:", text, len);
	if (good)
		t->present |= LIVE_HAS_IDS;
	get_caps(t, text, len);
	get_u32(t, &t->tracer, LIVE_HAS_TRACER, "TracerPid:", all);
	get_u32(t, &t->no_new_privs, LIVE_HAS_NO_NEW_PRIVS, "NoNewPrivs:", all);
	get_u32(t, &t->seccomp, LIVE_HAS_SECCOMP, "Seccomp:", all);
	/* The last is the innermost namespace's. */
	if (find_line(&line, "NSpid:", text, len))
		while (take_u32(&line, &v)) {
			t->ns_tid = v;
			t->present |= LIVE_HAS_NS_TID;
		}
}

uint32_t procfs_tgid(const char *text, size_t len, uint32_t otherwise)
{
	struct text line;
	uint32_t v;

	return find_line(&line, "Tgid:", text, len) && take_u32(&line, &v)
		       ? v
		       : otherwise;
}

size_t procfs_groups(uint32_t *ret, const char *text, size_t len)
{
	struct text line;
	size_t n = 0;
	uint32_t v;

	if (!find_line(&line, "Groups:", text, len))
		return 0;
	for (; take_u32(&line, &v); n++)
		if (n < PROCFS_GROUPS_MAX)
			ret[n] = v;
	return n;
}

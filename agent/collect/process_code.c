// SPDX-License-Identifier: Apache-2.0
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdbool.h>
#include <sys/uio.h>

#include "base/err.h"
#include "base/io.h"
#include "collect/finding.h"
#include "collect/process_code.h"
#include "collect/set.h"
#include "coredump/code.h"
#include "coredump/program.h"
#include "live/detail.h"
#include "live/task.h"
#include "stream/writer.h"

/* One mapping at a time. */
struct change {
	struct process_code *p;
	const struct live_task *leader;
	const struct mapping *m;
	struct code_page first; /* that differs; its bytes are gone */
	uint64_t bytes; /* that differ, in all */
};

static int put_page(void *arg, const struct code_page *page, struct err *e)
{
	struct change *c = arg;
	const struct mapping *in = c->m;
	Icecore__V1__CodeChange m = ICECORE__V1__CODE_CHANGE__INIT;
	Icecore__V1__HeldFile of = ICECORE__V1__HELD_FILE__INIT;
	Icecore__V1__Record out = ICECORE__V1__RECORD__INIT;
	struct iovec bulk = { (void *)(uintptr_t)page->memory, page->memory_len };

	if (page->file_len && !c->first.memory_len)
		c->first = *page;
	if (page->file_len)
		c->bytes += page->differing;
	if (c->p->pages == PROCESS_CODE_PAGES_MAX) {
		c->p->pages_lost++;
		return 0;
	}
	c->p->pages++;
	SET(&of, path, set_bytes(in->path, in->path_len));
	SET(&of, device_major, in->major);
	SET(&of, device_minor, in->minor);
	SET(&of, inode, in->inode);
	SET(&m, pid, c->leader->pid);
	SET(&m, start_boot_ns, c->leader->start_boot_ns);
	SET(&m, address, page->address);
	SET(&m, mapping_start, in->start);
	m.of = &of;
	SET(&m, file_offset, page->file_offset);
	if (page->file_len) {
		SET(&m, differing_bytes, (uint32_t)page->differing);
		SET(&m, first_difference, (uint32_t)page->first);
		SET(&m, file_bytes, set_bytes(page->file, page->file_len));
	}
	out.body_case = ICECORE__V1__RECORD__BODY_CODE_CHANGE;
	out.code_change = &m;
	return writer_put(c->p->w,
		&(struct record){ .message = &out, .bulk = &bulk, .bulk_n = 1 },
		e);
}

/* "12 bytes in 2 pages, the first at 7f00...: /usr/lib/libc.so.6+0x1234" */
static void describe(char *ret, size_t cap, const struct change *c,
	const struct code_seen *seen)
{
	const struct mapping *m = c->m;

	if (seen->file_result)
		(void)snprintf(ret, cap,
			"%" PRIu64 " pages were written to; there is no file "
			"to compare with: %.*s",
			seen->own, (int)(m->path_len < 200 ? m->path_len : 200),
			m->path);
	else
		(void)snprintf(ret, cap,
			"%" PRIu64 " bytes in %" PRIu64 " pages, the first at "
			"%" PRIx64 ": %.*s+0x%" PRIx64,
			c->bytes, seen->differing,
			c->first.address + c->first.first,
			(int)(m->path_len < 200 ? m->path_len : 200), m->path,
			c->first.file_offset + c->first.first);
}

static int put_finding(struct process_code *p, enum rule_id rule,
	const struct live_task *leader, uint64_t at, const char *detail,
	struct err *e)
{
	struct finding_ref ref = { .kind = ICECORE__V1__RECORD__BODY_PROCESS_MAPS,
		.pid = leader->pid,
		.start_boot_ns = leader->start_boot_ns,
		.id = at,
		.name = leader->comm[0] ? leader->comm : NULL };

	return finding_put(p->w, rule, &ref, 1, detail, e);
}

static int put_unread(struct process_code *p, const struct live_task *leader,
	uint64_t pages, struct err *e)
{
	Icecore__V1__Gap gap = ICECORE__V1__GAP__INIT;
	char what[64], reason[64];

	(void)snprintf(
		what, sizeof(what), "changed code of process %u", leader->pid);
	(void)snprintf(reason, sizeof(reason),
		"%" PRIu64 " pages were not read", pages);
	gap.kind = ICECORE__V1__GAP_KIND__GAP_KIND_LIVE;
	gap.what = what;
	gap.reason = reason;
	return writer_gap(p->w, &gap, e);
}

static int put_mapping(struct process_code *p, const struct live_task *leader,
	const struct mapping *m, struct err *e)
{
	struct change c = { .p = p, .leader = leader, .m = m };
	char detail[FINDING_DETAIL_BYTES];
	struct code_seen seen;
	int r = code_compare(&seen, p->proc, leader->pid, m, put_page, &c, e);

	if (r == 0 && (seen.differing || (seen.own && seen.file_result))) {
		describe(detail, sizeof(detail), &c, &seen);
		r = put_finding(
			p, RULE_CODE_CHANGED, leader, m->start, detail, e);
	}
	return r == 0 && seen.unread ? put_unread(p, leader, seen.unread, e) : r;
}

/* What is in the place of a program: it is of no file, and may be nowhere
 * else. */
static int put_replacement(struct process_code *p,
	const struct live_task *leader, const struct mapping *m, struct err *e)
{
	struct change c = { .p = p, .leader = leader, .m = m };
	struct code_seen seen;
	int r = code_compare(&seen, p->proc, leader->pid, m, put_page, &c, e);

	return r == 0 && seen.unread ? put_unread(p, leader, seen.unread, e) : r;
}

static int check_program(struct process_code *p, const struct live_task *leader,
	const struct detail *d, struct err *e)
{
	char name[16], detail[FINDING_DETAIL_BYTES];
	struct program_place at;
	const struct mapping *m;
	AUTO_CLOSE int dir = -1;
	int r;

	(void)snprintf(name, sizeof(name), "%u", leader->pid);
	dir = io_open(p->proc, name, O_RDONLY | O_DIRECTORY, 0, NULL);
	if (dir < 0 || !d->maps_told ||
		!program_is_replaced(&at, dir, &d->maps,
			(const char *)d->exe.data, d->exe.len))
		return 0;
	m = at.m;
	(void)snprintf(detail, sizeof(detail),
		"its program began at %" PRIx64 ", where there is %.*s now",
		at.entry,
		m && m->path_len ? (int)(m->path_len < 200 ? m->path_len : 200)
				 : 7,
		m ? m->path_len ? m->path : "no file" : "nothing");
	r = put_finding(p, RULE_PROGRAM_REPLACED, leader,
		m ? m->start : at.entry, detail, e);
	return r == 0 && m && !m->inode ? put_replacement(p, leader, m, e) : r;
}

int process_code_put(struct process_code *p, const struct live_task *leader,
	const struct detail *d, struct err *e)
{
	int r = 0;

	if (p->proc < 0 || leader->is_kthread || d->gone)
		return 0;
	for (size_t i = 0; r == 0 && i < d->maps.n; i++)
		if (d->maps.v[i].flags & MAPPING_CHANGED)
			r = put_mapping(p, leader, &d->maps.v[i], e);
	return r < 0 ? r : check_program(p, leader, d, e);
}

int process_code_finish(struct process_code *p, struct err *e)
{
	Icecore__V1__Gap gap = ICECORE__V1__GAP__INIT;
	char reason[64];

	if (!p->pages_lost)
		return 0;
	(void)snprintf(reason, sizeof(reason), "%u pages more than are kept",
		p->pages_lost);
	gap.kind = ICECORE__V1__GAP_KIND__GAP_KIND_LIVE;
	gap.what = (char *)(uintptr_t) "changed code";
	gap.reason = reason;
	return writer_gap(p->w, &gap, e);
}

// SPDX-License-Identifier: Apache-2.0
#include <inttypes.h>
#include <stdbool.h>
#include <string.h>

#include "base/buf.h"
#include "base/err.h"
#include "export/proc_text.h"

enum {
	NS_IN_TICK = 1000000000 / PROC_TEXT_HZ,
	PAGE_BYTES = 4096,
	PATH_COLUMN = 73, /* fs/proc/task_mmu.c, show_map_vma() */
	STAT_BEFORE = 52 - 24, /* fields behind rss */
};

const char proc_text_note[] =
	"The files below [root]/proc are made by icelab of the records of a capture;\n"
	"they were not copied from the host, but for those that the records hold as\n"
	"files (version, cmdline, iomem, cpuinfo, meminfo, modules, kallsyms).\n"
	"\n"
	"Not known, and therefore 0 where a field has to be there:\n"
	"  PID/stat: tty_nr, tpgid, flags, faults, children's times, priority, nice,\n"
	"            vsize, and all fields behind rss (24)\n"
	"  net/*:    slot number, timers of sockets that are not TCP, references,\n"
	"            addresses of kernel objects\n"
	"Left out: lines of PID/status that no record tells (memory by kind, signals,\n"
	"CPU lists), and what of arguments and environment was cut (export --format\n"
	"jsonl has its gaps). Sockets of a network namespace other than the agent's own\n"
	"are below PID/net of a process in it.\n";

static const Icecore__V1__Thread *leader(const Icecore__V1__Process *p)
{
	for (size_t i = 0; i < p->n_threads; i++)
		if (p->threads[i]->tid == p->pid)
			return p->threads[i];
	return p->n_threads ? p->threads[0] : NULL;
}

static char state_of(const Icecore__V1__Thread *t)
{
	return t && t->state && t->state[0] ? t->state[0] : '?';
}

/* Spent by all threads, in ticks. */
static uint64_t ticks(const Icecore__V1__Process *p, bool in_kernel)
{
	uint64_t ns = 0;

	for (size_t i = 0; i < p->n_threads; i++)
		ns += in_kernel ? p->threads[i]->system_ns
				: p->threads[i]->user_ns;
	return ns / NS_IN_TICK;
}

int proc_text_stat(struct buf *ret, const Icecore__V1__Process *p, struct err *e)
{
	const Icecore__V1__Thread *t = leader(p);
	int r = buf_text(ret, e, "%" PRIu32 " (", p->pid);

	if (r == 0 && t)
		r = buf_append(ret, t->comm.data, t->comm.len, e);
	if (r == 0)
		r = buf_text(ret, e,
			") %c %" PRIu32 " %" PRIu32 " %" PRIu32
			" 0 0 0 0 0 0 0 %" PRIu64 " %" PRIu64
			" 0 0 0 0 %zu 0 %" PRIu64 " 0 %" PRIu64,
			state_of(t), p->ppid, p->pgid, p->session,
			ticks(p, false), ticks(p, true), p->n_threads,
			p->start_boot_ns / NS_IN_TICK, p->rss_bytes / PAGE_BYTES);
	for (int i = 0; r == 0 && i < STAT_BEFORE; i++)
		r = buf_text(ret, e, " 0");
	return r < 0 ? r : buf_text(ret, e, "\n");
}

static const char *state_word(char letter)
{
	static const struct {
		char letter;
		const char *word;
	} words[] = { { 'R', "running" }, { 'S', "sleeping" },
		{ 'D', "disk sleep" }, { 'T', "stopped" },
		{ 't', "tracing stop" }, { 'X', "dead" }, { 'Z', "zombie" },
		{ 'P', "parked" }, { 'I', "idle" } };

	for (size_t i = 0; i < ARRAY_LEN(words); i++)
		if (words[i].letter == letter)
			return words[i].word;
	return "unknown";
}

static int credentials(
	struct buf *b, const Icecore__V1__Credentials *c, struct err *e)
{
	int r = buf_text(b, e,
		"Uid:\t%" PRIu32 "\t%" PRIu32 "\t%" PRIu32 "\t%" PRIu32
		"\nGid:\t%" PRIu32 "\t%" PRIu32 "\t%" PRIu32 "\t%" PRIu32 "\n",
		c->uid, c->euid, c->suid, c->fsuid, c->gid, c->egid, c->sgid,
		c->fsgid);

	return r;
}

static int capabilities(
	struct buf *b, const Icecore__V1__Credentials *c, struct err *e)
{
	return buf_text(b, e,
		"CapInh:\t%016" PRIx64 "\nCapPrm:\t%016" PRIx64
		"\nCapEff:\t%016" PRIx64 "\nCapBnd:\t%016" PRIx64
		"\nCapAmb:\t%016" PRIx64 "\nNoNewPrivs:\t%d\nSeccomp:\t%" PRIu32
		"\n",
		c->cap_inheritable, c->cap_permitted, c->cap_effective,
		c->cap_bounding, c->cap_ambient, c->no_new_privs ? 1 : 0,
		c->seccomp);
}

/* As fs/proc/array.c escapes it: line feed and backslash. */
static int name_line(struct buf *b, const Icecore__V1__Thread *t, struct err *e)
{
	int r = buf_text(b, e, "Name:\t");

	for (size_t i = 0; r == 0 && t && i < t->comm.len; i++)
		r = t->comm.data[i] == '\n' ? buf_text(b, e, "\\n")
		    : t->comm.data[i] == '\\'
			    ? buf_text(b, e, "\\\\")
			    : buf_append(b, &t->comm.data[i], 1, e);
	return r < 0 ? r : buf_text(b, e, "\n");
}

int proc_text_status(
	struct buf *ret, const Icecore__V1__Process *p, struct err *e)
{
	const Icecore__V1__Thread *t = leader(p);
	int r = name_line(ret, t, e);

	if (r == 0)
		r = buf_text(ret, e,
			"State:\t%c (%s)\nTgid:\t%" PRIu32 "\nPid:\t%" PRIu32
			"\nPPid:\t%" PRIu32 "\nTracerPid:\t%" PRIu32 "\n",
			state_of(t), state_word(state_of(t)), p->pid, p->pid,
			p->ppid, p->tracer_pid);
	if (r == 0 && t && t->credentials)
		r = credentials(ret, t->credentials, e);
	if (r == 0)
		r = buf_text(ret, e, "Groups:\t");
	for (size_t i = 0; r == 0 && i < p->n_groups; i++)
		r = buf_text(ret, e, "%" PRIu32 " ", p->groups[i]);
	if (r == 0)
		r = buf_text(ret, e, "%s\n", p->n_groups ? "" : " ");
	if (r == 0 && p->has_rss_bytes && p->rss_bytes)
		r = buf_text(ret, e, "VmRSS:\t%8" PRIu64 " kB\n",
			p->rss_bytes / 1024);
	if (r == 0)
		r = buf_text(ret, e, "Threads:\t%zu\n", p->n_threads);
	return r == 0 && t && t->credentials
		       ? capabilities(ret, t->credentials, e)
		       : r;
}

int proc_text_words(
	struct buf *ret, const ProtobufCBinaryData *v, size_t n, struct err *e)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < n; i++) {
		r = buf_append(ret, v[i].data, v[i].len, e);
		if (r == 0)
			r = buf_append(ret, "", 1, e);
	}
	return r;
}

static int map_line(struct buf *b, const Icecore__V1__Mapping *m, struct err *e)
{
	size_t start = b->len;
	int r = buf_text(b, e,
		"%08" PRIx64 "-%08" PRIx64 " %.4s %08" PRIx64 " %02" PRIx32
		":%02" PRIx32 " %" PRIu64 " ",
		m->start, m->end, m->protection ? m->protection : "----",
		m->offset, m->device_major, m->device_minor, m->inode);

	while (r == 0 && m->path.len && b->len - start < PATH_COLUMN)
		r = buf_text(b, e, " ");
	if (r == 0)
		r = buf_append(b, m->path.data, m->path.len, e);
	return r < 0 ? r : buf_text(b, e, "\n");
}

int proc_text_maps(
	struct buf *ret, const Icecore__V1__ProcessMaps *m, struct err *e)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < m->n_mappings; i++)
		r = map_line(ret, m->mappings[i], e);
	return r;
}

// SPDX-License-Identifier: Apache-2.0
#include <elf.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/num.h"
#include "lab/core_model.h"
#include "lab/core_notes.h"

/* struct elf_prstatus of 64-bit Linux, up to the registers. */
enum {
	PRSTATUS_CURSIG = 12,
	PRSTATUS_PID = 32, /* pid, parent, group, session: of 32 bits each */
	PRSTATUS_HEAD_BYTES = 112,
	PRSTATUS_TAIL_BYTES = 8, /* pr_fpvalid, and padding */
	REGISTERS_X86 = 27 * 8,
	REGISTERS_ARM64 = 34 * 8,
};

/* struct elf_prpsinfo of 64-bit Linux. */
enum {
	PRPSINFO_STATE = 0,
	PRPSINFO_NAME_OF_STATE = 1,
	PRPSINFO_ZOMBIE = 2,
	PRPSINFO_UID = 16,
	PRPSINFO_GID = 20,
	PRPSINFO_PID = 24,
	PRPSINFO_FNAME = 40,
	PRPSINFO_ARGUMENTS = 56,
	PRPSINFO_BYTES = 136,
};

enum { ALIGNMENT = 4 };

static const char owner[] = "CORE";

static int pad(struct buf *ret, struct err *e)
{
	static const uint8_t zeros[ALIGNMENT];

	return buf_append(ret, zeros, -ret->len % ALIGNMENT, e);
}

static int put_head(struct buf *ret, uint32_t type, size_t len, struct err *e)
{
	uint8_t head[sizeof(Elf64_Nhdr)];
	int r;

	num_put_le32(head, sizeof(owner));
	num_put_le32(head + 4, (uint32_t)len);
	num_put_le32(head + 8, type);
	r = buf_append(ret, head, sizeof(head), e);
	if (r == 0)
		r = buf_append(ret, owner, sizeof(owner), e);
	return r < 0 ? r : pad(ret, e);
}

static int put_note(struct buf *ret, uint32_t type, const void *data,
	size_t len, struct err *e)
{
	int r = put_head(ret, type, len, e);

	if (r == 0)
		r = buf_append(ret, data, len, e);
	return r < 0 ? r : pad(ret, e);
}

static void put_ids(uint8_t *to, uint32_t pid, const struct core *c)
{
	num_put_le32(to, pid);
	num_put_le32(to + 4, c->ppid);
	num_put_le32(to + 8, c->pgid);
	num_put_le32(to + 12, c->session);
}

static int put_thread(struct buf *ret, const struct core *c,
	const struct core_thread *t, struct err *e)
{
	uint8_t note[PRSTATUS_HEAD_BYTES + REGISTERS_ARM64 + PRSTATUS_TAIL_BYTES] = {
		0
	};
	size_t registers =
		c->machine == EM_AARCH64 ? REGISTERS_ARM64 : REGISTERS_X86;

	put_ids(note + PRSTATUS_PID, t->tid, c);
	memcpy(note + PRSTATUS_HEAD_BYTES, t->registers,
		t->registers_len < registers ? t->registers_len : registers);
	return put_note(ret, NT_PRSTATUS, note,
		PRSTATUS_HEAD_BYTES + registers + PRSTATUS_TAIL_BYTES, e);
}

static int put_process(struct buf *ret, const struct core *c, struct err *e)
{
	static const char states[] = "RSDTZW";
	uint8_t note[PRPSINFO_BYTES] = { 0 };
	const char *state = strchr(states, c->state);

	note[PRPSINFO_STATE] = state && c->state ? (uint8_t)(state - states) : 0;
	note[PRPSINFO_NAME_OF_STATE] = (uint8_t)c->state;
	note[PRPSINFO_ZOMBIE] = c->state == 'Z';
	num_put_le32(note + PRPSINFO_UID, c->uid);
	num_put_le32(note + PRPSINFO_GID, c->gid);
	put_ids(note + PRPSINFO_PID, c->pid, c);
	memcpy(note + PRPSINFO_FNAME, c->comm, sizeof(c->comm));
	memcpy(note + PRPSINFO_ARGUMENTS, c->arguments, sizeof(c->arguments));
	return put_note(ret, NT_PRPSINFO, note, sizeof(note), e);
}

static int put_u64(struct buf *ret, uint64_t v, struct err *e)
{
	uint8_t raw[8];

	num_put_le64(raw, v);
	return buf_append(ret, raw, sizeof(raw), e);
}

static int put_files(struct buf *ret, const struct core *c, struct err *e)
{
	AUTO_BUF struct buf b = { 0 };
	uint64_t n = 0;
	int r;

	for (size_t i = 0; i < c->mappings_n; i++)
		n += c->mappings[i].path != 0;
	buf_init(&b, CORE_NOTES_BYTES_MAX);
	r = put_u64(&b, n, e);
	if (r == 0)
		r = put_u64(&b, c->page_bytes, e);
	for (size_t i = 0; r == 0 && i < c->mappings_n; i++) {
		const struct core_mapping *m = &c->mappings[i];

		if (!m->path)
			continue;
		r = put_u64(&b, m->start, e);
		if (r == 0)
			r = put_u64(&b, m->end, e);
		if (r == 0)
			r = put_u64(&b, m->offset / c->page_bytes, e);
	}
	for (size_t i = 0; r == 0 && i < c->mappings_n; i++) {
		const char *path = c->paths + c->mappings[i].path;

		if (c->mappings[i].path)
			r = buf_append(&b, path, strlen(path) + 1, e);
	}
	return r < 0 || !n ? r : put_note(ret, NT_FILE, b.data, b.len, e);
}

int core_notes(struct buf *ret, const struct core *c, struct err *e)
{
	int r = 0;

	/* gdb wants a thread, then the process, then the other threads. */
	for (size_t i = 0; r == 0 && i < c->threads_n; i++) {
		r = put_thread(ret, c, &c->threads[i], e);
		if (r == 0 && i == 0)
			r = put_process(ret, c, e);
	}
	if (r == 0 && !c->threads_n)
		r = put_process(ret, c, e);
	if (r == 0 && c->auxv_len)
		r = put_note(ret, NT_AUXV, c->auxv, c->auxv_len, e);
	return r < 0 ? r : put_files(ret, c, e);
}

// SPDX-License-Identifier: Apache-2.0
#include <errno.h>
#include <stdbool.h>

#include "base/clock.h"
#include "memory/iomem.h"
#include "unit/fake_memory.h"

struct fake_memory fake;

struct source {
	int kind;
};

struct source_reader {
	struct source *source;
	uint8_t data[SOURCE_BATCH_BYTES];
	uint8_t status[SOURCE_BATCH_PAGES];
};

static const char *const names[] = { "?", "kmod", "bpf", "kcore", "devmem" };

const char *source_kind_name(int kind)
{
	return names[kind];
}

int source_kind_find(const char *name)
{
	for (int i = 1; i <= SOURCE_KINDS; i++)
		if (strcmp(names[i], name) == 0)
			return i;
	return 0;
}

int source_module_fd(const struct source *s)
{
	(void)s;
	return -1;
}

int source_kind(const struct source *s)
{
	return s->kind;
}

int fake_page_is_zero(uint64_t addr)
{
	return addr / SOURCE_PAGE_BYTES % 3 == 0;
}

uint8_t fake_byte(uint64_t addr)
{
	uint64_t v = addr * 0x9e3779b97f4a7c15;

	v = (v ^ v >> 29) * 0xbf58476d1ce4e5b9;
	return fake_page_is_zero(addr) ? 0 : (uint8_t)(v >> 56 | 1);
}

int ranges_load(struct ranges *ret, struct err *e)
{
	int r = 0;

	if (!fake.ram_n)
		return err_set(e, -EPERM, "addresses are hidden");
	for (size_t i = 0; r == 0 && i < fake.ram_n; i++)
		r = ranges_add(ret, fake.ram[i], e);
	return r;
}

int source_open(struct source **ret, int kind,
	const struct source_config *config, struct err *e)
{
	struct source *s;

	(void)config;
	if (!(fake.kinds_open & 1 << kind))
		return err_set(e, -ENODEV, "%s is not here", names[kind]);
	s = calloc(1, sizeof(*s));
	if (!s)
		return err_set(e, -ENOMEM, "no memory for a source");
	s->kind = kind;
	fake.open_sources++;
	*ret = s;
	return 0;
}

void source_close(struct source *s)
{
	if (s)
		fake.open_sources--;
	free(s);
}

int source_restore(struct source *s, struct err *e)
{
	(void)s;
	if (fake.stays_loaded)
		return err_set(e, -EBUSY, "the module stays loaded");
	return 0;
}

int source_open_auto(struct source **ret, struct source_ladder *ladder,
	int after, const struct source_config *config, struct err *e)
{
	for (int kind = after + 1; kind <= SOURCE_KINDS; kind++) {
		struct source_step *st = &ladder->steps[ladder->n++];

		st->kind = kind;
		st->result = source_open(ret, kind, config, &st->why);
		if (st->result == 0)
			return 0;
	}
	return err_set(e, -ENODEV, "no source of memory");
}

int source_reader_open(struct source_reader **ret, struct source *s,
	unsigned index, struct err *e)
{
	struct source_reader *r = calloc(1, sizeof(*r));

	(void)index;
	if (!r)
		return err_set(e, -ENOMEM, "no memory for a reader");
	r->source = s;
	fake.open_readers++;
	*ret = r;
	return 0;
}

void source_reader_close(struct source_reader *r)
{
	if (r)
		fake.open_readers--;
	free(r);
}

static uint8_t status_at(uint64_t addr)
{
	for (size_t i = 0; i < fake.pages_n; i++)
		if (addr >= fake.pages[i].from && addr < fake.pages[i].to)
			return fake.pages[i].status;
	return PAGE_DATA;
}

int source_read(struct source_reader *r, struct source_batch *ret,
	uint64_t paddr, size_t len, struct err *e)
{
	uint64_t base = paddr & ~(uint64_t)(SOURCE_PAGE_BYTES - 1);
	uint64_t fails = fake.fails_at[r->source->kind];

	if (fails && paddr >= fails)
		return err_set(e, -EIO, "%s broke", names[r->source->kind]);
	if (++fake.reads == fake.interrupt_after)
		*fake.interrupt = true;
	/* Around the asked-for bytes lies what must not be taken. */
	memset(r->data, 0xee, sizeof(r->data));
	for (size_t i = 0; i < len; i++)
		r->data[paddr - base + i] = fake_byte(paddr + i);
	*ret = (struct source_batch){ .data = r->data, .status = r->status };
	ret->pages = (size_t)((paddr + len - base + SOURCE_PAGE_BYTES - 1) /
			      SOURCE_PAGE_BYTES);
	for (size_t i = 0; i < ret->pages; i++)
		r->status[i] = status_at(base + i * SOURCE_PAGE_BYTES);
	ret->start_ns = clock_ns(CLOCK_MONOTONIC);
	ret->end_ns = ret->start_ns + 1;
	return 0;
}

void source_probe(struct source_ladder *ladder, const struct source_config *config)
{
	for (int kind = 1; kind <= SOURCE_KINDS; kind++) {
		struct source_step *st = &ladder->steps[ladder->n++];
		struct source *s = NULL;

		st->kind = kind;
		st->result = source_open(&s, kind, config, &st->why);
		source_close(s);
	}
}

// SPDX-License-Identifier: Apache-2.0
#include <assert.h>
#include <errno.h>

#include "base/clock.h"
#include "base/err.h"
#include "memory/block.h"
#include "memory/source_internal.h"

enum { NOT_TRIED = 1 };

static const char memory_blocks[] = "/sys/devices/system/memory";

/* The ladder, best first. */
static const struct source_ops *const kinds[] = {
	&source_kmod_ops,
	&source_bpf_ops,
	&source_kcore_ops,
	&source_devmem_ops,
};
_Static_assert(ARRAY_LEN(kinds) == SOURCE_KINDS, "each kind is on the ladder");

static const char *const status_names[] = {
	[PAGE_DATA] = "data",
	[PAGE_ZERO] = "zero",
	[PAGE_PRIVATE_MAP] = "private-map",
	[PAGE_ZERO_DOUBTFUL] = "zero-doubtful",
	[PAGE_HWPOISON] = "hwpoison",
	[PAGE_OFFLINE] = "offline",
	[PAGE_UNACCEPTED] = "unaccepted",
	[PAGE_NO_DIRECT_MAP] = "no-direct-map",
	[PAGE_FAULT] = "fault",
	[PAGE_TIMEOUT] = "timeout",
	[PAGE_NOT_MAPPED] = "not-mapped",
	[PAGE_INTERRUPTED] = "interrupted",
};

const char *page_status_name(uint8_t status)
{
	const char *name = NULL;

	if (status < ARRAY_LEN(status_names))
		name = status_names[status];
	return name ? name : "unknown";
}

static const struct source_ops *ops_find(int kind)
{
	for (size_t i = 0; i < ARRAY_LEN(kinds); i++)
		if (kinds[i]->kind == kind)
			return kinds[i];
	return NULL;
}

int source_kind_find(const char *name)
{
	for (size_t i = 0; i < ARRAY_LEN(kinds); i++)
		if (strcmp(kinds[i]->name, name) == 0)
			return kinds[i]->kind;
	return 0;
}

const char *source_kind_name(int kind)
{
	const struct source_ops *ops = ops_find(kind);

	return ops ? ops->name : "unknown";
}

static void closep(struct source **s)
{
	source_close(*s);
}

static void reader_closep(struct source_reader **r)
{
	source_reader_close(*r);
}

int source_open(struct source **ret, int kind,
	const struct source_config *config, struct err *e)
{
	const struct source_ops *ops = ops_find(kind);
	CLEANUP(closep) struct source *s = NULL;
	int r;

	if (!ops)
		return err_set(e, -EINVAL, "no source of kind %d", kind);
	if (!config->readers || config->readers > SOURCE_READERS_MAX)
		return err_set(
			e, -EINVAL, "%u readers of memory", config->readers);
	s = calloc(1, ops->source_bytes);
	if (!s)
		return err_set(e, -ENOMEM, "no memory for a source");
	s->config = *config;
	if (!ops->knows_offline) {
		r = blocks_load_offline(&s->offline, memory_blocks, e);
		if (r < 0)
			return r;
	}
	s->ops = ops;
	r = ops->open(s, e);
	if (r < 0)
		return r;
	*ret = TAKE_PTR(s);
	return 0;
}

int source_restore(struct source *s, struct err *e)
{
	return s->ops->restore ? s->ops->restore(s, e) : 0;
}

void source_close(struct source *s)
{
	if (!s)
		return;
	if (s->ops && s->ops->restore)
		(void)s->ops->restore(s, NULL);
	if (s->ops)
		s->ops->close(s);
	ranges_done(&s->offline);
	free(s);
}

int source_kind(const struct source *s)
{
	return s->ops->kind;
}

int source_reader_open(struct source_reader **ret, struct source *s,
	unsigned index, struct err *e)
{
	CLEANUP(reader_closep) struct source_reader *reader = NULL;
	int r;

	if (index >= s->config.readers)
		return err_set(e, -EINVAL, "reader %u of %u", index,
			s->config.readers);
	reader = calloc(1, s->ops->reader_bytes);
	if (!reader)
		return err_set(e, -ENOMEM, "no memory for a reader");
	reader->source = s;
	reader->fd = -1;
	r = s->ops->reader_open(reader, index, e);
	if (r < 0)
		return r;
	*ret = TAKE_PTR(reader);
	return 0;
}

void source_reader_close(struct source_reader *r)
{
	if (!r)
		return;
	r->source->ops->reader_close(r);
	free(r);
}

/* The batch lies in one block of memory, which blocks.c sees to. */
static int is_offline(const struct source *s, uint64_t paddr)
{
	const struct range *r = ranges_find(&s->offline, paddr);

	return r && r->start <= paddr;
}

int source_read(struct source_reader *r, struct source_batch *ret,
	uint64_t paddr, size_t len, struct err *e)
{
	const struct source *s = r->source;
	struct source_batch batch = {
		.data = r->data,
		.status = r->status,
		.pages = source_pages(paddr, len),
	};
	int result = 0;

	assert(len == source_read_bytes(paddr, paddr + len) && len);
	r->base = paddr - paddr % SOURCE_PAGE_BYTES;
	memset(r->status, 0, batch.pages);
	batch.start_ns = clock_ns(CLOCK_MONOTONIC);
	if (is_offline(s, paddr))
		memset(r->status, PAGE_OFFLINE, batch.pages);
	else
		result = s->ops->read(r, paddr, len, e);
	batch.end_ns = clock_ns(CLOCK_MONOTONIC);
	if (result < 0)
		return err_wrap(e, result, "%s", s->ops->name);
	*ret = batch;
	return 0;
}

static void ladder_init(struct source_ladder *ladder)
{
	*ladder = (struct source_ladder){ .n = SOURCE_KINDS };
	for (size_t i = 0; i < ARRAY_LEN(kinds); i++) {
		ladder->steps[i].kind = kinds[i]->kind;
		ladder->steps[i].result = NOT_TRIED;
	}
}

/* Where the ladder goes on behind ${after}. */
static size_t step_behind(int after)
{
	for (size_t i = 0; i < ARRAY_LEN(kinds); i++)
		if (kinds[i]->kind == after)
			return i + 1;
	return 0;
}

static int none_opens(const struct source_ladder *ladder, struct err *e)
{
	char text[ERR_MSG_BYTES] = "";
	size_t at = 0;
	int last = -ENODEV;

	for (size_t i = 0; i < ladder->n; i++) {
		const struct source_step *step = &ladder->steps[i];
		int n;

		if (step->result >= 0)
			continue;
		last = step->result;
		n = snprintf(text + at, sizeof(text) - at, "%s%s: %.200s",
			at ? "; " : "", source_kind_name(step->kind),
			step->why.msg);
		if (n > 0 && (size_t)n < sizeof(text) - at)
			at += (size_t)n;
	}
	return err_set(e, last, "no source of memory: %.900s", text);
}

int source_open_auto(struct source **ret, struct source_ladder *ladder,
	int after, const struct source_config *config, struct err *e)
{
	ladder_init(ladder);
	for (size_t i = step_behind(after); i < ladder->n; i++) {
		struct source_step *step = &ladder->steps[i];

		step->why = (struct err){ 0 };
		step->result = source_open(ret, step->kind, config, &step->why);
		if (step->result == 0)
			return 0;
	}
	return none_opens(ladder, e);
}

void source_probe(struct source_ladder *ladder, const struct source_config *config)
{
	ladder_init(ladder);
	for (size_t i = 0; i < ladder->n; i++) {
		struct source_step *step = &ladder->steps[i];
		struct source *s = NULL;

		step->result = source_open(&s, step->kind, config, &step->why);
		source_close(s);
	}
}

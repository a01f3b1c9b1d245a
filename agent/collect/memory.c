// SPDX-License-Identifier: Apache-2.0
/*
 * All of System RAM, once.  The readers share out chunks of it; each reads,
 * and seals through a writer of its own.  Where a source fails in the middle
 * of a chunk, the next one reads the rest of it.
 */
#include <assert.h>
#include <errno.h>
#include <pthread.h>
#include <stdbool.h>

#include "base/range.h"
#include "collect/collector_internal.h"
#include "collect/extent.h"
#include "collect/sources.h"

enum { CHUNK_BYTES = 16 << 20 };

struct sweep {
	const struct collect_env *env;
	pthread_mutex_t lock;
	size_t range; /* the next chunk is in this range, */
	uint64_t next; /* at this address or its start */
	atomic_bool ended; /* a reader failed: the others stop */
	atomic_bool cut; /* chunks were given up since it was interrupted */
};

struct reader {
	struct sweep *sweep;
	unsigned index;
	struct source_reader *by_source[SOURCE_KINDS];
	int kinds[SOURCE_KINDS];
	struct extents out;
	pthread_t thread;
	bool started;
	int result;
	struct err why;
};

static bool next_chunk(struct sweep *s, struct range *ret)
{
	const struct ranges *ram = s->env->ram;
	bool more = false;

	pthread_mutex_lock(&s->lock);
	if (s->range < ram->n && s->next >= ram->v[s->range].end)
		s->range++;
	if (s->range < ram->n) {
		const struct range *r = &ram->v[s->range];

		ret->start = s->next > r->start ? s->next : r->start;
		ret->end = (ret->start | (CHUNK_BYTES - 1)) + 1;
		if (ret->end > r->end || ret->end == 0)
			ret->end = r->end;
		s->next = ret->end;
		more = true;
	}
	pthread_mutex_unlock(&s->lock);
	return more;
}

/* This thread's reader of the source ${i}, opened when it is first needed;
 * -ENODEV when there is no such source. */
static int source_at(struct reader *rd, unsigned i, struct err *e)
{
	struct source *s = NULL;
	int r;

	if (i < SOURCE_KINDS && rd->by_source[i])
		return 0;
	r = sources_get(rd->sweep->env->sources, i, &s, e);
	if (r < 0)
		return r;
	rd->kinds[i] = source_kind(s);
	r = source_reader_open(&rd->by_source[i], s, rd->index, e);
	return r < 0 ? err_wrap(e, -EIO, "%s", source_kind_name(rd->kinds[i]))
		     : 0;
}

/* The rest of a chunk that nobody could read. */
static int give_up(struct reader *rd, struct range rest, uint8_t status,
	int kind, const struct err *why, struct err *e)
{
	struct open_gap gap = { .start = rest.start,
		.end = rest.end,
		.status = status,
		.source = kind,
		.reason = *why };

	return extents_gap(&rd->out, &gap, e);
}

/* One batch by the source ${source} of this reader's: 1 when it is broken. */
static int read_batch(struct reader *rd, unsigned source, struct range r,
	struct err *why, struct err *e)
{
	struct source_batch batch = { 0 };
	size_t len = (size_t)(r.end - r.start);

	if (source_read(rd->by_source[source], &batch, r.start, len, why) < 0)
		return 1;
	return extents_put(&rd->out, rd->kinds[source], &batch, r.start, len, e);
}

static int read_chunk(struct reader *rd, struct range chunk, struct err *e)
{
	struct err why = { 0 }, none = { 0 }; /* why: it broke; none: left */
	unsigned source = 0;
	int kind = 0, r;

	while (chunk.start < chunk.end) {
		struct range now = chunk;

		now.end = (chunk.start | (SOURCE_BATCH_BYTES - 1)) + 1;
		if (now.end > chunk.end || !now.end)
			now.end = chunk.end;
		if (*rd->sweep->env->interrupted) {
			rd->sweep->cut = true;
			return give_up(
				rd, chunk, PAGE_INTERRUPTED, kind, &none, e);
		}
		r = source_at(rd, source, &none);
		if (r == -ENODEV)
			return give_up(rd, chunk, PAGE_FAULT, kind,
				why.msg[0] ? &why : &none, e);
		kind = rd->kinds[source];
		if (r < 0)
			why = none;
		r = r < 0 ? 1 : read_batch(rd, source, now, &why, e);
		if (r < 0)
			return r;
		if (r > 0)
			source++;
		else
			chunk.start = now.end;
	}
	return 0;
}

static void *read_memory(void *arg)
{
	struct reader *rd = arg;
	struct range chunk;
	int r = 0;

	while (r == 0 && !rd->sweep->ended && next_chunk(rd->sweep, &chunk))
		r = read_chunk(rd, chunk, &rd->why);
	if (r == 0)
		r = extents_flush(&rd->out, &rd->why);
	for (unsigned i = 0; i < SOURCE_KINDS; i++)
		source_reader_close(rd->by_source[i]);
	if (r < 0)
		rd->sweep->ended = true;
	rd->result = r;
	return NULL;
}

static int sweep_ram(
	const struct collect_env *env, struct writer *w, struct err *e)
{
	struct sweep sweep = { .env = env, .lock = PTHREAD_MUTEX_INITIALIZER };
	struct reader readers[SOURCE_READERS_MAX] = { 0 };
	int r = 0;

	assert(env->readers && env->readers <= SOURCE_READERS_MAX);
	/* The writer that is lent belongs to reader 0, in this thread. */
	for (unsigned i = 0; i < env->readers; i++) {
		struct reader *rd = &readers[i];

		rd->sweep = &sweep;
		rd->index = i;
		rd->out.w = w;
		if (i == 0)
			continue;
		r = writer_split(&rd->out.w, w, e);
		if (r < 0)
			break;
		rd->started = !pthread_create(&rd->thread, NULL, read_memory, rd);
	}
	if (r < 0)
		sweep.ended = true;
	(void)read_memory(&readers[0]);
	for (unsigned i = 0; i < env->readers; i++) {
		struct reader *rd = &readers[i];
		struct err why = { 0 };
		int c = 0;

		if (rd->started)
			(void)pthread_join(rd->thread, NULL);
		if (i && rd->out.w)
			c = writer_close(rd->out.w, &why);
		if (rd->result < 0 && r == 0)
			r = err_set(e, rd->result, "%s", rd->why.msg);
		if (c < 0 && r == 0)
			r = err_set(e, c, "%s", why.msg);
	}
	return r < 0 ? r : sweep.cut;
}

/* What was to be read, and by which sources. */
static int put_map(const struct collect_env *env, struct writer *w, struct err *e)
{
	const struct source_ladder *ladder = sources_ladder(env->sources);
	Icecore__V1__SourceTried tried[SOURCE_KINDS], *tried_p[SOURCE_KINDS];
	Icecore__V1__MemoryMap map = ICECORE__V1__MEMORY_MAP__INIT;
	Icecore__V1__Record m = ICECORE__V1__RECORD__INIT;
	AUTO_FREE Icecore__V1__Range *ram = calloc(env->ram->n, sizeof(*ram));
	AUTO_FREE Icecore__V1__Range **ram_p =
		calloc(env->ram->n, sizeof(*ram_p));

	if (!ram || !ram_p)
		return err_set(e, -ENOMEM, "no memory for the memory map");
	for (size_t i = 0; i < env->ram->n; i++) {
		icecore__v1__range__init(&ram[i]);
		ram[i].start = env->ram->v[i].start;
		ram[i].end = env->ram->v[i].end;
		ram_p[i] = &ram[i];
	}
	for (size_t i = 0; i < ladder->n; i++) {
		icecore__v1__source_tried__init(&tried[i]);
		tried[i].source =
			(Icecore__V1__MemorySource)ladder->steps[i].kind;
		tried[i].opened = ladder->steps[i].result == 0;
		tried[i].reason = (char *)(uintptr_t)ladder->steps[i].why.msg;
		tried_p[i] = &tried[i];
	}
	map.system_ram = ram_p;
	map.n_system_ram = env->ram->n;
	map.sources = tried_p;
	map.n_sources = ladder->n;
	m.body_case = ICECORE__V1__RECORD__BODY_MEMORY_MAP;
	m.memory_map = &map;
	return writer_put(w, &(struct record){ .message = &m }, e);
}

static int memory_run(
	const struct collect_env *env, struct writer *w, struct err *e)
{
	int r;

	assert(env->readers && env->readers <= SOURCE_READERS_MAX);
	r = put_map(env, w, e);
	return r < 0 ? r : sweep_ram(env, w, e);
}

const struct collector collector_memory = {
	.name = "memory",
	.title = "physical memory (System RAM)",
	.run = memory_run,
};

// SPDX-License-Identifier: Apache-2.0
#include <errno.h>
#include <inttypes.h>
#include <pthread.h>

#include "base/err.h"
#include "lab/cores.h"
#include "lab/extent.h"
#include "lab/extract.h"
#include "lab/records.h"

/* What the threads share. */
struct job {
	struct reader *r;
	const struct extract_options *options;
	struct extract_result *res;
	struct contents *contents;
	struct image *image; /* NULL in the pass that only looks */
	struct ranges *look; /* of that pass: where memory is */
	struct cores *cores;
	bool look_cores; /* a pass that learns what processes there are */
	bool vouched; /* the segments of this pass */
	pthread_mutex_t lock;
};

static int note_gap(struct job *j, const Icecore__V1__Gap *g, struct err *e)
{
	struct extract_result *res = j->res;
	struct extract_gap *v = res->gaps;

	if (res->gaps_n == EXTRACT_GAPS_MAX)
		return err_set(e, -E2BIG, "more than %d gaps", EXTRACT_GAPS_MAX);
	if ((res->gaps_n & (res->gaps_n - 1)) == 0) {
		v = reallocarray(
			v, res->gaps_n ? res->gaps_n * 2 : 1, sizeof(*v));
		if (!v)
			return err_set(e, -ENOMEM, "no memory for gaps");
		res->gaps = v;
	}
	v += res->gaps_n++;
	*v = (struct extract_gap){ .kind = (int)g->kind,
		.page_status = (int)g->page_status,
		.source = (int)g->source };
	if (g->range)
		v->range = (struct range){ g->range->start, g->range->end };
	(void)snprintf(v->text, sizeof(v->text), "%.80s%s%.70s", g->what,
		g->what[0] && g->reason[0] ? ": " : "", g->reason);
	return 0;
}

/* Sort a run of an extent into the lists; with the lock held. */
static int note_run(struct job *j, Icecore__V1__PageStatus status,
	struct range r, struct err *e)
{
	int rc = 0;

	if (status == ICECORE__V1__PAGE_STATUS__PAGE_STATUS_PRIVATE_MAP)
		rc = ranges_add(&j->res->private_map, r, e);
	if (status == ICECORE__V1__PAGE_STATUS__PAGE_STATUS_ZERO_DOUBTFUL)
		rc = ranges_add(&j->res->doubtful, r, e);
	if (rc == 0 && !j->vouched)
		rc = ranges_add(&j->res->unvouched, r, e);
	j->res->memory_bytes += r.end - r.start;
	return rc;
}

/* The parts of a run that are wanted. */
static int put_image(
	const struct job *j, struct range r, const uint8_t *data, struct err *e)
{
	const struct ranges *only = j->options->only;
	int rc = 0;

	if (!only)
		return image_write(
			j->image, r.start, data, (size_t)(r.end - r.start), e);
	for (size_t i = 0; rc == 0 && i < only->n; i++) {
		struct range part = only->v[i];

		part.start = part.start > r.start ? part.start : r.start;
		part.end = part.end < r.end ? part.end : r.end;
		if (part.start < part.end)
			rc = image_write(j->image, part.start,
				data + (part.start - r.start),
				(size_t)(part.end - part.start), e);
	}
	return rc;
}

static int put_run(void *arg, struct range r, Icecore__V1__PageStatus status,
	const uint8_t *data, struct err *e)
{
	struct job *j = arg;
	int rc = 0;

	pthread_mutex_lock(&j->lock);
	if (j->look)
		rc = ranges_add(j->look, r, e);
	else
		rc = note_run(j, status, r, e);
	pthread_mutex_unlock(&j->lock);
	if (rc == 0 && data && j->image)
		rc = put_image(j, r, data, e);
	return rc;
}

static int put_record(void *arg, const struct reader_segment *s,
	const Icecore__V1__Record *m, struct err *e)
{
	struct job *j = arg;
	int rc = 0;

	(void)s;
	if (j->look_cores)
		return cores_see(j->cores, m, e);
	switch (m->body_case) {
	case ICECORE__V1__RECORD__BODY_CODE_CHANGE:
		return j->look ? 0
			       : extract_code(
					 j->options->outfd, m->code_change, e);
	case ICECORE__V1__RECORD__BODY_PROCESS_PAGES:
		return j->look ? 0 : cores_write(j->cores, m->process_pages, e);
	case ICECORE__V1__RECORD__BODY_MEMORY_EXTENT:
		return extent_each(m->memory_extent, put_run, j, e);
	case ICECORE__V1__RECORD__BODY_GAP:
		if (j->look)
			return 0;
		pthread_mutex_lock(&j->lock);
		rc = note_gap(j, m->gap, e);
		pthread_mutex_unlock(&j->lock);
		return rc;
	case ICECORE__V1__RECORD__BODY_FILE:
		if (j->look)
			return 0;
		pthread_mutex_lock(&j->lock);
		j->res->files += m->file->last != 0;
		pthread_mutex_unlock(&j->lock);
		return extract_file(j->options->outfd, m->file->path,
			m->file->offset, m->file->data.data, m->file->data.len,
			e);
	case ICECORE__V1__RECORD__BODY_BINARY:
	case ICECORE__V1__RECORD__BODY_BINARY_DATA:
		if (j->look)
			return 0;
		pthread_mutex_lock(&j->lock);
		rc = m->body_case == ICECORE__V1__RECORD__BODY_BINARY
			     ? contents_tell(j->contents, m->binary, e)
			     : contents_put(j->contents, m->binary_data, e);
		pthread_mutex_unlock(&j->lock);
		return rc;
	default:
		return 0;
	}
}

static int pass(struct job *j, struct err *e)
{
	const struct records_pass p = {
		.kinds = j->look_cores ? RECORDS_KIND(PROCESS_CORE) |
						 RECORDS_KIND(PROCESS_PAGES)
				       : 0,
		.of = j->vouched ? RECORDS_OF_VOUCHED : RECORDS_OF_UNVOUCHED,
		.keys = j->options->keys,
		.threads = j->options->threads,
		.see = put_record,
		.arg = j,
	};

	return records_each(j->r, &p, e);
}

static size_t count_unvouched(const struct reader *r)
{
	size_t n = 0;

	for (size_t i = 0; i < r->segments_n; i++)
		n += r->segments[i].state == SEGMENT_GOOD &&
		     !r->segments[i].vouched;
	return n;
}

/* The memory that the image will have: what manifests of the chain list, and
 * what is found by looking into segments that nobody vouches for. */
static int plan_memory(struct job *j, struct ranges *ret, struct err *e)
{
	const struct reader *r = j->r;
	int rc = 0;

	for (size_t i = 0; rc == 0 && i < r->segments_n; i++) {
		const struct reader_segment *s = &r->segments[i];

		if (s->state != SEGMENT_GOOD || !s->vouched)
			continue;
		for (size_t k = 0; rc == 0 && k < s->entry->n_memory; k++)
			rc = ranges_add(ret,
				(struct range){ s->entry->memory[k]->start,
					s->entry->memory[k]->end },
				e);
	}
	if (rc == 0 && j->res->unvouched_n) {
		j->look = ret;
		j->vouched = false;
		rc = pass(j, e);
		j->look = NULL;
	}
	return rc;
}

/* What is in both. */
static int keep_only(
	struct ranges *memory, const struct ranges *only, struct err *e)
{
	AUTO_RANGES struct ranges rest = { 0 };
	struct ranges both = { 0 };
	int rc = ranges_subtract(&rest, memory, only, e);

	if (rc == 0)
		rc = ranges_subtract(&both, memory, &rest, e);
	if (rc < 0)
		return rc;
	ranges_done(memory);
	*memory = both;
	return 0;
}

static int create_image(struct job *j, const struct ranges *memory, struct err *e)
{
	static const char *const names[] = { "memory.lime", "memory.raw",
		"memory.elf" };
	struct image_plan plan = j->options->kernel;

	if (j->options->memory < 0 || !memory->n)
		return 0;
	plan.format = (enum image_format)j->options->memory;
	plan.memory = memory;
	return image_create(
		&j->image, j->options->outfd, names[plan.format], &plan, e);
}

static int find_missing(struct job *j, const struct ranges *memory, struct err *e)
{
	AUTO_RANGES struct ranges ram = { 0 };
	int rc = reader_system_ram(j->r, &ram, e);

	if (rc == 0 && j->options->only)
		rc = keep_only(&ram, j->options->only, e);
	return rc < 0 ? rc : ranges_subtract(&j->res->missing, &ram, memory, e);
}

/* The processes whose memory was taken, and what of it. */
static int plan_cores(struct job *j, struct err *e)
{
	int rc = cores_new(&j->cores, e);

	if (rc < 0)
		return rc;
	j->look_cores = true;
	for (int vouched = j->res->unvouched_n ? 0 : 1; rc == 0 && vouched < 2;
		vouched++) {
		j->vouched = vouched;
		rc = pass(j, e);
	}
	j->look_cores = false;
	if (rc == 0)
		rc = cores_create(j->cores, j->options->outfd, e);
	j->res->cores = cores_count(j->cores);
	return rc;
}

/* Vouched segments last: where both speak of a page, theirs stands. */
static int extract_all(struct job *j, struct err *e)
{
	int rc = 0;

	if (j->res->unvouched_n) {
		j->vouched = false;
		rc = pass(j, e);
	}
	if (rc < 0)
		return rc;
	j->vouched = true;
	return pass(j, e);
}

int extract_run(struct extract_result *ret, struct reader *r,
	const struct extract_options *options, struct err *e)
{
	struct job j = { .r = r,
		.options = options,
		.res = ret,
		.lock = PTHREAD_MUTEX_INITIALIZER };
	AUTO_RANGES struct ranges memory = { 0 };
	int rc;

	*ret = (struct extract_result){ 0 };
	rc = records_check_key(r, options->keys, e);
	if (rc == 0)
		rc = contents_new(&j.contents, options->outfd, e);
	if (rc == 0 && !options->vouched_only)
		ret->unvouched_n = count_unvouched(r);
	if (rc == 0)
		rc = plan_memory(&j, &memory, e);
	if (rc == 0)
		rc = plan_cores(&j, e);
	if (rc == 0 && options->only)
		rc = keep_only(&memory, options->only, e);
	if (rc == 0)
		rc = create_image(&j, &memory, e);
	if (rc == 0)
		rc = extract_all(&j, e);
	if (rc == 0)
		rc = contents_finish(j.contents, &ret->binaries, e);
	if (rc == 0 && j.image)
		rc = image_finish(j.image, e);
	if (rc == 0)
		rc = find_missing(&j, &memory, e);
	if (rc == 0)
		rc = cores_finish(j.cores, ret, e);
	cores_free(j.cores);
	image_close(j.image);
	contents_free(j.contents);
	return rc;
}

void extract_done(struct extract_result *ret)
{
	ranges_done(&ret->private_map);
	ranges_done(&ret->doubtful);
	ranges_done(&ret->unvouched);
	ranges_done(&ret->missing);
	free(ret->gaps);
	ret->gaps = NULL;
}

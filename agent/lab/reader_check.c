// SPDX-License-Identifier: Apache-2.0
#include <errno.h>
#include <inttypes.h>

#include "base/err.h"
#include "lab/parallel.h"
#include "lab/reader_internal.h"

enum { WHY_CHARS = 160 };

/* What the parallel part leaves behind for the findings. */
struct check {
	struct reader *r;
	char (*why)[WHY_CHARS]; /* of each segment that is damaged */
};

struct state {
	struct check *check;
	struct buf sealed;
};

static void *state_new(void *arg)
{
	struct state *st = calloc(1, sizeof(*st));

	if (!st)
		return NULL;
	st->check = arg;
	buf_init(&st->sealed, SEGMENT_BYTES + 1);
	return st;
}

static void state_free(void *p)
{
	struct state *st = p;

	buf_done(&st->sealed);
	free(st);
}

static int check_segment(void *p, size_t i, struct err *e)
{
	struct state *st = p;
	struct reader_segment *s = &st->check->r->segments[i];
	char *why = st->check->why[i];
	uint8_t sha[HASH_BYTES];
	struct err bad = { 0 };
	int rc;

	if (!s->present) {
		s->state = SEGMENT_MISSING;
		return 0;
	}
	s->state = SEGMENT_DAMAGED;
	rc = reader_load(st->check->r, s, &st->sealed, &bad);
	if (rc == -ENOMEM)
		return err_set(e, rc, "%s", bad.msg);
	if (rc < 0) {
		(void)snprintf(why, WHY_CHARS, "%.150s", bad.msg);
		return 0;
	}
	if (!s->entry) {
		s->state = SEGMENT_GOOD;
		return 0;
	}
	rc = hash_bytes(sha, st->sealed.data, st->sealed.len, e);
	if (rc < 0)
		return rc;
	if (st->sealed.len != s->entry->size_bytes)
		(void)snprintf(why, WHY_CHARS,
			"has %zu bytes, manifest %d says %" PRIu64,
			st->sealed.len, s->listed_by, s->entry->size_bytes);
	else if (memcmp(sha, s->entry->sha256.data, HASH_BYTES) != 0)
		(void)snprintf(why, WHY_CHARS,
			"its SHA-256 is not the one in manifest %d",
			s->listed_by);
	else
		s->state = SEGMENT_GOOD;
	return 0;
}

/* A put that broke off may leave a segment that was never acknowledged. */
static bool ended_whole(const struct reader *r)
{
	return r->ending &&
	       r->ending->outcome != ICECORE__V1__OUTCOME__OUTCOME_FAILED;
}

static void tell_segments(struct check *c)
{
	struct reader *r = c->r;
	char name[SEGMENT_NAME_CHARS];

	for (size_t i = 0; i < r->segments_n; i++) {
		const struct reader_segment *s = &r->segments[i];

		segment_name(name, s->number);
		if (s->state == SEGMENT_MISSING)
			reader_finding(r, "%s: missing (manifest %d lists it)",
				name, s->listed_by);
		else if (s->state == SEGMENT_DAMAGED)
			reader_finding(r, "%s: %s", name, c->why[i]);
		else if (!s->entry && ended_whole(r))
			reader_finding(r, "%s: in no manifest", name);
		else if (!s->entry)
			r->unlisted++;
	}
}

static int add_all(struct ranges *ret, Icecore__V1__Range *const *v, size_t n,
	struct err *e)
{
	for (size_t i = 0; ret && i < n; i++) {
		int rc = ranges_add(
			ret, (struct range){ v[i]->start, v[i]->end }, e);

		if (rc < 0)
			return rc;
	}
	return 0;
}

int reader_coverage(const struct reader *r, struct ranges *memory,
	struct ranges *gaps, struct err *e)
{
	for (size_t i = 0; i < r->segments_n; i++) {
		const struct reader_segment *s = &r->segments[i];
		int rc;

		if (!s->entry || s->state == SEGMENT_MISSING ||
			s->state == SEGMENT_DAMAGED)
			continue;
		rc = add_all(memory, s->entry->memory, s->entry->n_memory, e);
		if (rc == 0)
			rc = add_all(gaps, s->entry->memory_gaps,
				s->entry->n_memory_gaps, e);
		if (rc < 0)
			return rc;
	}
	return 0;
}

int reader_system_ram(const struct reader *r, struct ranges *ret, struct err *e)
{
	if (!r->beginning)
		return 0;
	return add_all(
		ret, r->beginning->system_ram, r->beginning->n_system_ram, e);
}

/* Each byte of System RAM must be held, or be said to be missing. */
static int check_coverage(struct reader *r, struct err *e)
{
	AUTO_RANGES struct ranges ram = { 0 };
	AUTO_RANGES struct ranges told = { 0 };
	AUTO_RANGES struct ranges lost = { 0 };
	AUTO_RANGES struct ranges odd = { 0 };
	int rc = reader_system_ram(r, &ram, e);

	if (rc == 0)
		rc = reader_coverage(r, &told, &told, e);
	if (rc == 0)
		rc = ranges_subtract(&lost, &ram, &told, e);
	if (rc == 0)
		rc = ranges_subtract(&odd, &told, &ram, e);
	if (rc < 0)
		return rc;
	if (lost.n)
		reader_finding(r,
			"memory: %" PRIu64 " bytes of System RAM, the first at "
			"%#" PRIx64 ", are neither held nor told as a gap",
			ranges_bytes(&lost), lost.v[0].start);
	if (odd.n)
		reader_finding(r,
			"memory: %" PRIu64 " bytes, the first at %#" PRIx64
			", are not System RAM",
			ranges_bytes(&odd), odd.v[0].start);
	return 0;
}

/* The totals of the final manifest against the entries. */
static void check_totals(struct reader *r)
{
	uint64_t segments = 0, sealed = 0;

	for (size_t i = 0; i < r->segments_n; i++) {
		if (!r->segments[i].vouched)
			continue;
		segments++;
		sealed += r->segments[i].entry->size_bytes;
	}
	if (segments != r->ending->segments || sealed != r->ending->sealed_bytes)
		reader_finding(r,
			"final manifest: counts %" PRIu64 " segments of %" PRIu64
			" bytes, the chain lists %" PRIu64 " of %" PRIu64,
			r->ending->segments, r->ending->sealed_bytes, segments,
			sealed);
}

int reader_check(struct reader *r, unsigned threads, struct err *e)
{
	struct check c = { .r = r };
	struct parallel p = { &c, state_new, check_segment, state_free };
	int rc;

	c.why = calloc(r->segments_n + 1, sizeof(*c.why));
	if (!c.why)
		return err_set(e, -ENOMEM, "no memory to check");
	rc = parallel_run(r->segments_n, threads, &p, e);
	if (rc == 0)
		tell_segments(&c);
	free(c.why);
	if (rc < 0)
		return rc;
	/* What is missing for a reason told above is not told again. */
	if (!r->ending || r->findings_n)
		return 0;
	check_totals(r);
	if (ended_whole(r))
		rc = check_coverage(r, e);
	return rc;
}

void reader_check_signer(struct reader *r, const char *signer)
{
	char key[HASH_HEX_CHARS] = "";

	for (size_t i = 0; i < MANIFEST_KEY_BYTES; i++)
		(void)snprintf(key + 2 * i, 3, "%02x", r->public_key[i]);
	if (signer && strcasecmp(signer, key) != 0)
		reader_finding(r, "manifests: signed by %s", key);
}

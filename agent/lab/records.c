// SPDX-License-Identifier: Apache-2.0
#include <errno.h>
#include <pthread.h>

#include "base/err.h"
#include "lab/lab.h"
#include "lab/parallel.h"
#include "lab/reader.h"
#include "lab/records.h"

/* What the threads share. */
struct job {
	struct reader *r;
	const struct records_pass *pass;
	pthread_mutex_t lock; /* of the findings */
};

/* One thread, and the segment that it is at. */
struct state {
	struct job *job;
	struct buf sealed;
	const struct reader_segment *s;
	bool header_seen;
};

static void *state_new(void *arg)
{
	struct state *st = calloc(1, sizeof(*st));

	if (!st)
		return NULL;
	st->job = arg;
	buf_init(&st->sealed, SEGMENT_BYTES + 1);
	return st;
}

static void state_free(void *p)
{
	struct state *st = p;

	buf_done(&st->sealed);
	free(st);
}

/* The seal says where the segment belongs: not there, and it is a stranger. */
static int check_header(
	struct state *st, const Icecore__V1__SegmentHeader *h, struct err *e)
{
	if (h->format_version != RECORD_FORMAT_VERSION)
		return err_set(
			e, -EBADMSG, "format version %u", h->format_version);
	if (strcmp(h->capture_id, st->job->r->capture_id) != 0 ||
		h->number != st->s->number)
		return err_set(e, -EBADMSG, "is segment %u of capture %.64s",
			h->number, h->capture_id);
	st->header_seen = true;
	return 0;
}

static void record_freep(Icecore__V1__Record **m)
{
	record_free(*m);
}

/* The body that is all of a record; 0 = it has to be decoded to know. */
static unsigned first_kind(const uint8_t *buf, size_t len)
{
	unsigned key = len ? buf[0] : 0;
	size_t at = 1, body = 0;

	if (len > 1 && key & 0x80) {
		if (buf[at] & 0x80)
			return 0;
		key = (key & 0x7f) | (unsigned)buf[at++] << 7;
	}
	for (unsigned shift = 0; at < len && shift < 28; shift += 7) {
		body |= (size_t)(buf[at] & 0x7f) << shift;
		if (!(buf[at++] & 0x80))
			break;
	}
	return (key & 7) == 2 && at + body == len ? key >> 3 : 0;
}

static int see_record(void *arg, const uint8_t *buf, size_t len, struct err *e)
{
	CLEANUP(record_freep) Icecore__V1__Record *m = NULL;
	struct state *st = arg;
	const struct records_pass *pass = st->job->pass;
	unsigned kind = first_kind(buf, len);
	int rc;

	if (st->header_seen && pass->kinds && kind &&
		(kind >= RECORD_KINDS || !(pass->kinds >> kind & 1)))
		return 0;
	rc = record_decode(&m, buf, len, e);
	if (rc < 0)
		return rc;
	if (!st->header_seen) {
		rc = m->body_case == ICECORE__V1__RECORD__BODY_SEGMENT_HEADER
			     ? check_header(st, m->segment_header, e)
			     : err_set(e, -EBADMSG,
				       "does not begin with its header");
		if (rc < 0)
			return rc;
	}
	if (pass->kinds && !(pass->kinds >> m->body_case & 1))
		return 0;
	return pass->see(pass->arg, st->s, m, e);
}

/* Damage of one segment must not end the others; the disk's errors must. */
static bool is_damage(int rc)
{
	return rc == -EBADMSG || rc == -ENOKEY || rc == -ERANGE ||
	       rc == -EINVAL || rc == -ENOENT || rc == -EFBIG;
}

/* A manifest says what is in a segment; of what it does not know, all may. */
static bool is_wanted(
	const struct records_pass *pass, const struct reader_segment *s)
{
	bool any = !s->entry || !pass->kinds;

	if (s->state != SEGMENT_GOOD ||
		(pass->of != RECORDS_OF_ALL &&
			s->vouched != (pass->of == RECORDS_OF_VOUCHED)))
		return false;
	for (size_t i = 0; !any && i < s->entry->n_kinds; i++) {
		uint32_t kind = s->entry->kinds[i]->kind;

		any = kind < RECORD_KINDS && pass->kinds >> kind & 1;
	}
	return any;
}

static int read_segment(void *p, size_t i, struct err *e)
{
	struct state *st = p;
	struct job *j = st->job;
	struct reader_segment *s = &j->r->segments[i];
	struct err why = { 0 };
	int rc;

	if (!is_wanted(j->pass, s))
		return 0;
	st->s = s;
	st->header_seen = false;
	rc = reader_load(j->r, s, &st->sealed, &why);
	if (rc == 0)
		rc = segment_read(st->sealed.data, st->sealed.len,
			j->pass->keys->v, j->pass->keys->n, see_record, st, &why);
	if (rc == 0)
		return 0;
	if (!is_damage(rc))
		return err_set(e, rc, "segment-%06u.age: %s", s->number, why.msg);
	pthread_mutex_lock(&j->lock);
	s->state = SEGMENT_DAMAGED;
	reader_finding(j->r, "segment-%06u.age: %s", s->number, why.msg);
	pthread_mutex_unlock(&j->lock);
	return 0;
}

int records_each(struct reader *r, const struct records_pass *pass, struct err *e)
{
	struct job j = { r, pass, PTHREAD_MUTEX_INITIALIZER };
	struct parallel p = { &j, state_new, read_segment, state_free };

	return parallel_run(r->segments_n, pass->threads, &p, e);
}

int records_check_key(
	const struct reader *r, const struct lab_keys *keys, struct err *e)
{
	AUTO_BUF struct buf b = { 0 };

	buf_init(&b, SEGMENT_BYTES + 1);
	for (size_t i = 0; i < r->segments_n; i++) {
		struct age_opener *o = NULL;
		size_t header;
		int rc;

		if (r->segments[i].state != SEGMENT_GOOD ||
			reader_load(r, &r->segments[i], &b, e) < 0)
			continue;
		rc = age_opener_new(
			&o, &header, keys->v, keys->n, b.data, b.len, e);
		age_opener_free(o);
		if (rc != -EBADMSG)
			return rc;
	}
	return 0;
}

int records_open(struct reader **ret, const char *path,
	const struct lab_keys *keys, struct err *e)
{
	struct reader *r = NULL;
	int rc = reader_open(&r, path, e);

	if (rc == 0)
		rc = reader_check(r, parallel_threads(), e);
	if (rc == 0)
		rc = records_check_key(r, keys, e);
	if (rc < 0)
		reader_close(r);
	else
		*ret = r;
	return rc;
}

// SPDX-License-Identifier: Apache-2.0
#include <errno.h>
#include <pthread.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/err.h"
#include "evidence/manifest.h"
#include "evidence/record.h"
#include "evidence/timestamp.h"
#include "stream/courier.h"
#include "stream/ledger.h"

/* A manifest is put early when its entries get this far. */
enum {
	PENDING_SEGMENTS = 1024,
	PENDING_RANGES = 128 << 10,
};
_Static_assert((int)PENDING_SEGMENTS <= (int)MANIFEST_SEGMENTS_MAX,
	"they fit in a manifest");

struct ledger {
	pthread_mutex_t lock;
	const struct stream_config *config;
	struct manifest_key *key;
	uint8_t previous[HASH_BYTES];
	unsigned number; /* of the next manifest */
	uint64_t last_ns;
	Icecore__V1__SegmentEntry *pending[PENDING_SEGMENTS];
	size_t pending_n;
	size_t pending_ranges;
	struct stream_stats stats;
};

/* A third party's word on when it was, or the request for it. */
static int stamp(struct ledger *l, struct buf *object, const uint8_t *signature,
	struct err *e)
{
	const struct stream_tsa *tsa = &l->config->tsa;
	AUTO_BUF struct buf request = { 0 };
	AUTO_BUF struct buf token = { 0 };
	int r;

	buf_init(&request, MANIFEST_REQUEST_MAX_BYTES);
	buf_init(&token, MANIFEST_TOKEN_MAX_BYTES);
	r = timestamp_request(&request, signature, e);
	if (r < 0)
		return r;
	if (tsa->ask && tsa->ask(tsa->arg, &token, &request, signature) < 0)
		token.len = 0;
	return manifest_stamp(object, &token, &request, e);
}

/* Fill in what every manifest has, sign it, put it, and go on to the next. */
static int put_manifest(struct ledger *l, Icecore__V1__Manifest *m, struct err *e)
{
	uint8_t signature[MANIFEST_SIGNATURE_BYTES];
	AUTO_BUF struct buf out = { 0 };
	char name[MANIFEST_NAME_CHARS];
	int r;

	if (l->number > MANIFEST_NUMBER_MAX)
		return err_set(e, -E2BIG, "more than %d manifests",
			MANIFEST_NUMBER_MAX);
	m->format_version = RECORD_FORMAT_VERSION;
	m->capture_id = (char *)(uintptr_t)l->config->capture_id;
	m->number = l->number;
	if (l->number)
		m->previous_sha256 =
			(ProtobufCBinaryData){ HASH_BYTES, l->previous };
	m->written_realtime_ns = clock_ns(CLOCK_REALTIME);
	m->written_monotonic_ns = clock_ns(CLOCK_MONOTONIC);
	m->segments = l->pending;
	m->n_segments = l->pending_n;
	buf_init(&out, MANIFEST_MAX_BYTES);
	manifest_name(name, l->number);
	r = manifest_seal(&out, signature, m, l->key, e);
	if (r == 0 && (m->beginning || m->ending))
		r = stamp(l, &out, signature, e);
	if (r == 0)
		r = courier_put(l->config->courier,
			&(struct sink_object){
				.name = name, .data = out.data, .len = out.len },
			e);
	if (r == 0)
		r = hash_bytes(l->previous, out.data, out.len, e);
	if (r < 0)
		return r;
	for (size_t i = 0; i < l->pending_n; i++)
		icecore__v1__segment_entry__free_unpacked(l->pending[i], NULL);
	l->pending_n = 0;
	l->pending_ranges = 0;
	l->number++;
	l->last_ns = m->written_monotonic_ns;
	return 0;
}

int ledger_open(struct ledger **ret, const struct stream_config *config,
	const Icecore__V1__Beginning *beginning, struct err *e)
{
	Icecore__V1__Manifest m = ICECORE__V1__MANIFEST__INIT;
	struct ledger *l = calloc(1, sizeof(*l));
	int r;

	if (!l)
		return err_set(e, -ENOMEM, "no memory for the ledger");
	pthread_mutex_init(&l->lock, NULL);
	l->config = config;
	m.beginning = (Icecore__V1__Beginning *)(uintptr_t)beginning;
	r = manifest_key_new(&l->key, e);
	if (r == 0)
		r = put_manifest(l, &m, e);
	if (r < 0) {
		ledger_free(l);
		return r;
	}
	*ret = l;
	return 0;
}

void ledger_free(struct ledger *l)
{
	if (!l)
		return;
	for (size_t i = 0; i < l->pending_n; i++)
		icecore__v1__segment_entry__free_unpacked(l->pending[i], NULL);
	manifest_key_free(l->key);
	pthread_mutex_destroy(&l->lock);
	free(l);
}

static void count(struct stream_stats *st, const Icecore__V1__SegmentEntry *s)
{
	st->segments++;
	st->sealed_bytes += s->size_bytes;
	st->plain_bytes += s->plain_bytes;
	st->memory_doubtful_bytes += s->doubtful_bytes;
	for (size_t i = 0; i < s->n_kinds; i++) {
		st->records += s->kinds[i]->records;
		if (s->kinds[i]->kind == ICECORE__V1__RECORD__BODY_GAP)
			st->gaps += s->kinds[i]->records;
	}
	for (size_t i = 0; i < s->n_memory; i++)
		st->memory_bytes += s->memory[i]->end - s->memory[i]->start;
	for (size_t i = 0; i < s->n_memory_gaps; i++)
		st->memory_gap_bytes +=
			s->memory_gaps[i]->end - s->memory_gaps[i]->start;
}

static int put_if_due(struct ledger *l, struct err *e)
{
	Icecore__V1__Manifest m = ICECORE__V1__MANIFEST__INIT;

	if (!l->pending_n)
		return 0;
	if (l->pending_n < PENDING_SEGMENTS &&
		l->pending_ranges < PENDING_RANGES &&
		clock_ns(CLOCK_MONOTONIC) - l->last_ns < l->config->manifest_ns)
		return 0;
	return put_manifest(l, &m, e);
}

int ledger_add(struct ledger *l, Icecore__V1__SegmentEntry *entry, struct err *e)
{
	int r;

	pthread_mutex_lock(&l->lock);
	l->pending[l->pending_n++] = entry;
	l->pending_ranges += entry->n_memory + entry->n_memory_gaps;
	count(&l->stats, entry);
	r = put_if_due(l, e);
	pthread_mutex_unlock(&l->lock);
	return r;
}

int ledger_tick(struct ledger *l, struct err *e)
{
	int r;

	pthread_mutex_lock(&l->lock);
	r = put_if_due(l, e);
	pthread_mutex_unlock(&l->lock);
	return r;
}

uint64_t ledger_due_ns(struct ledger *l)
{
	uint64_t due;

	pthread_mutex_lock(&l->lock);
	due = l->pending_n ? l->last_ns + l->config->manifest_ns : UINT64_MAX;
	pthread_mutex_unlock(&l->lock);
	return due;
}

int ledger_end(struct ledger *l, Icecore__V1__Outcome outcome,
	const char *reason, struct err *e)
{
	Icecore__V1__Manifest m = ICECORE__V1__MANIFEST__INIT;
	Icecore__V1__Ending end = ICECORE__V1__ENDING__INIT;
	int r;

	pthread_mutex_lock(&l->lock);
	end.outcome = outcome;
	end.reason = (char *)(uintptr_t)reason;
	end.segments = l->stats.segments;
	end.records = l->stats.records;
	end.sealed_bytes = l->stats.sealed_bytes;
	end.memory_bytes = l->stats.memory_bytes;
	end.memory_gap_bytes = l->stats.memory_gap_bytes;
	end.memory_doubtful_bytes = l->stats.memory_doubtful_bytes;
	end.gaps = l->stats.gaps;
	m.ending = &end;
	r = put_manifest(l, &m, e);
	pthread_mutex_unlock(&l->lock);
	return r;
}

void ledger_stats(struct ledger *l, struct stream_stats *ret)
{
	uint64_t written = ret->written_bytes;

	pthread_mutex_lock(&l->lock);
	*ret = l->stats;
	pthread_mutex_unlock(&l->lock);
	ret->written_bytes = written;
}

void ledger_public_key(const struct ledger *l, uint8_t *ret)
{
	manifest_key_public(ret, l->key);
}

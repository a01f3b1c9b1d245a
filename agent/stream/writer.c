// SPDX-License-Identifier: Apache-2.0
#include <errno.h>
#include <sys/uio.h>

#include "evidence/contents.h"
#include "evidence/segment.h"
#include "sink/sink.h"
#include "stream/stream_internal.h"
#include "stream/writer.h"

struct writer {
	struct stream *stream;
	struct segment_writer *segment;
	struct segment_buffer *buffer; /* of the open segment, NULL = none */
	struct contents contents;
	char name[SEGMENT_NAME_CHARS];
	int broken; /* a segment could not be written: no more */
	struct err why; /* it broke */
};

static void writer_free(struct writer *w)
{
	if (!w)
		return;
	if (w->buffer)
		stream_give(w->stream, w->buffer);
	contents_done(&w->contents);
	segment_writer_free(w->segment);
	free(w);
}

int stream_writer(struct writer **ret, struct stream *s, struct err *e)
{
	struct writer *w = calloc(1, sizeof(*w));
	int r;

	if (!w)
		return err_set(e, -ENOMEM, "no memory for a writer");
	w->stream = s;
	r = segment_writer_new(
		&w->segment, s->config.recipients, s->config.recipients_n, e);
	if (r < 0) {
		writer_free(w);
		return r;
	}
	*ret = w;
	return 0;
}

int writer_split(struct writer **ret, struct writer *w, struct err *e)
{
	return stream_writer(ret, w->stream, e);
}

static int add(struct writer *w, const struct record *r, struct err *e)
{
	int rc = segment_add(w->segment, r, e);

	return rc < 0 ? rc : contents_add(&w->contents, r->message, e);
}

/* Open the next segment, with its header in it. */
static int begin(struct writer *w, struct err *e)
{
	Icecore__V1__SegmentHeader header = ICECORE__V1__SEGMENT_HEADER__INIT;
	Icecore__V1__Record m = ICECORE__V1__RECORD__INIT;
	unsigned number = 0;
	int level = 0, r;

	r = stream_take(w->stream, &w->buffer, &number, &level, e);
	if (r == 0)
		r = segment_begin(
			w->segment, w->buffer->data, SEGMENT_BYTES, level, e);
	if (r < 0)
		return r;
	segment_name(w->name, number);
	header.format_version = RECORD_FORMAT_VERSION;
	header.capture_id = (char *)(uintptr_t)w->stream->config.capture_id;
	header.number = number;
	m.body_case = ICECORE__V1__RECORD__BODY_SEGMENT_HEADER;
	m.segment_header = &header;
	return add(w, &(struct record){ .message = &m }, e);
}

static int fill_entry(Icecore__V1__SegmentEntry *entry, const char *name,
	const struct segment_info *info, struct err *e)
{
	entry->name = strdup(name);
	entry->sha256.data = malloc(HASH_BYTES);
	if (!entry->name || !entry->sha256.data) {
		if (!entry->name)
			entry->name = (char *)(uintptr_t)protobuf_c_empty_string;
		return err_set(e, -ENOMEM, "no memory for a segment entry");
	}
	memcpy(entry->sha256.data, info->sha256, HASH_BYTES);
	entry->sha256.len = HASH_BYTES;
	entry->size_bytes = info->size_bytes;
	entry->plain_bytes = info->plain_bytes;
	return 0;
}

/* Seal the open segment and hand it to the uploaders. */
static int end(struct writer *w, struct err *e)
{
	Icecore__V1__SegmentEntry *entry = NULL;
	struct segment_info info = { 0 };
	size_t pad;
	int r = segment_end(w->segment, &info, e);

	if (r == 0)
		r = contents_entry(&entry, &w->contents, e);
	if (r == 0)
		r = fill_entry(entry, w->name, &info, e);
	contents_done(&w->contents);
	if (r < 0) {
		if (entry)
			icecore__v1__segment_entry__free_unpacked(entry, NULL);
		return r;
	}
	pad = -info.size_bytes % SINK_ALIGN_BYTES;
	memset(w->buffer->data + info.size_bytes, 0, pad);
	w->buffer->len = info.size_bytes;
	w->buffer->entry = entry;
	stream_give(w->stream, TAKE_PTR(w->buffer));
	return 0;
}

static int put(struct writer *w, const struct record *rec, struct err *e)
{
	size_t bytes = record_bulk_bytes(rec) + RECORD_LENGTH_MAX_BYTES +
		       protobuf_c_message_get_packed_size(&rec->message->base) +
		       16;
	int r = 0;

	if (w->buffer && (!segment_fits(w->segment, bytes) ||
				 contents_full(&w->contents)))
		r = end(w, e);
	if (r == 0 && !w->buffer)
		r = begin(w, e);
	return r < 0 ? r : add(w, rec, e);
}

static uint64_t memory_bytes(const Icecore__V1__Record *m)
{
	uint64_t sum = 0;

	if (m->body_case == ICECORE__V1__RECORD__BODY_MEMORY_EXTENT)
		for (size_t i = 0; i < m->memory_extent->n_runs; i++)
			sum += m->memory_extent->runs[i]->bytes;
	if (m->body_case == ICECORE__V1__RECORD__BODY_GAP && m->gap->range &&
		m->gap->kind == ICECORE__V1__GAP_KIND__GAP_KIND_MEMORY)
		sum = m->gap->range->end - m->gap->range->start;
	return sum;
}

int writer_put(struct writer *w, const struct record *rec, struct err *e)
{
	int r;

	if (!w->broken) {
		r = put(w, rec, &w->why);
		if (r == 0) {
			w->stream->written_bytes += memory_bytes(rec->message);
			return 0;
		}
		w->broken = r;
	}
	return err_set(e, w->broken, "%s", w->why.msg);
}

int writer_gap(struct writer *w, Icecore__V1__Gap *gap, struct err *e)
{
	Icecore__V1__Record m = ICECORE__V1__RECORD__INIT;
	int r = stream_failure(w->stream, e);

	/* It would lie in a segment that never arrives. */
	if (r < 0)
		return r;
	m.body_case = ICECORE__V1__RECORD__BODY_GAP;
	m.gap = gap;
	return writer_put(w, &(struct record){ .message = &m }, e);
}

int writer_close(struct writer *w, struct err *e)
{
	int r = 0;

	if (w && w->buffer && !w->broken)
		r = end(w, e);
	writer_free(w);
	return r;
}

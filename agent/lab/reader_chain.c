// SPDX-License-Identifier: Apache-2.0
#include <errno.h>

#include "base/err.h"
#include "base/io.h"
#include "lab/reader_internal.h"

static int read_manifest(
	struct reader *r, struct reader_manifest *rm, struct err *e)
{
	char name[MANIFEST_NAME_CHARS];
	AUTO_BUF struct buf b = { 0 };
	struct err why = { 0 };
	int rc;

	manifest_name(name, rm->number);
	buf_init(&b, MANIFEST_MAX_BYTES);
	rc = io_slurp(r->dirfd, name, &b, e);
	if (rc < 0 && rc != -EFBIG)
		return err_wrap(e, rc, "%s", name);
	rc = manifest_open(&rm->m, b.data, b.len, &why);
	if (rc == -ENOMEM)
		return err_set(e, rc, "%s: %s", name, why.msg);
	rm->valid = rc == 0;
	if (rc < 0)
		reader_finding(r, "%s: %s", name, why.msg);
	else if (rm->m.body->number != rm->number) {
		rm->valid = false;
		reader_finding(r, "%s: is manifest %u under another name", name,
			rm->m.body->number);
	}
	return 0;
}

static bool same_capture(
	const struct reader_manifest *a, const struct reader_manifest *b)
{
	return memcmp(a->m.public_key, b->m.public_key, MANIFEST_KEY_BYTES) == 0 &&
	       strcmp(a->m.body->capture_id, b->m.body->capture_id) == 0;
}

/*
 * The manifest whose key and capture id most valid ones share: a majority
 * vote (Boyer and Moore), so a stranger among them is the one that is told.
 */
static const struct reader_manifest *spokesman(const struct reader *r)
{
	const struct reader_manifest *best = NULL;
	size_t votes = 0;

	for (size_t i = 0; i < r->manifests_n; i++) {
		const struct reader_manifest *m = &r->manifests[i];

		if (!m->valid)
			continue;
		if (!votes)
			best = m;
		if (same_capture(m, best))
			votes++;
		else
			votes--;
	}
	return best;
}

static void check_strangers(struct reader *r)
{
	const struct reader_manifest *best = spokesman(r);
	char name[MANIFEST_NAME_CHARS];

	if (!best)
		return;
	memcpy(r->public_key, best->m.public_key, MANIFEST_KEY_BYTES);
	(void)snprintf(r->capture_id, sizeof(r->capture_id), "%s",
		best->m.body->capture_id);
	for (size_t i = 0; i < r->manifests_n; i++) {
		struct reader_manifest *m = &r->manifests[i];

		if (!m->valid || same_capture(m, best))
			continue;
		m->valid = false;
		manifest_name(name, m->number);
		if (strcmp(m->m.body->capture_id, r->capture_id) != 0)
			reader_finding(r, "%s: of another capture, %s", name,
				m->m.body->capture_id);
		else
			reader_finding(r, "%s: signed by another key", name);
	}
}

/* Does ${m} continue what lies before it? */
static void check_link(struct reader *r, size_t i)
{
	struct reader_manifest *m = &r->manifests[i];
	const struct reader_manifest *before = i ? m - 1 : NULL;
	const ProtobufCBinaryData *said;
	char name[MANIFEST_NAME_CHARS], before_name[MANIFEST_NAME_CHARS];

	if (!m->valid)
		return;
	manifest_name(name, m->number);
	said = &m->m.body->previous_sha256;
	if (m->number == 0) {
		if (said->len || !m->m.body->beginning)
			reader_finding(r, "%s: is not the beginning", name);
		else
			r->beginning = m->m.body->beginning;
		return;
	}
	/* An absent predecessor has its own finding. */
	if (!before || before->number != m->number - 1)
		return;
	manifest_name(before_name, before->number);
	if (said->len != HASH_BYTES ||
		memcmp(said->data, before->m.sha256, HASH_BYTES) != 0) {
		if (before->valid)
			reader_finding(r, "%s: is not the one that %s continues",
				before_name, name);
	} else if (before->m.body && before->m.body->ending) {
		reader_finding(r, "%s: continues a final manifest", name);
	}
}

static void check_holes(struct reader *r)
{
	unsigned next = 0;
	char name[MANIFEST_NAME_CHARS];

	for (size_t i = 0; i < r->manifests_n; i++) {
		for (; next < r->manifests[i].number; next++) {
			manifest_name(name, next);
			reader_finding(r, "%s: missing", name);
			if (r->findings_n > READER_FINDINGS_MAX)
				return;
		}
		next = r->manifests[i].number + 1;
	}
}

/* The number of the segment that ${entry} names, -1 when it is no name. */
static int entry_number(const Icecore__V1__SegmentEntry *entry)
{
	char name[SEGMENT_NAME_CHARS];
	unsigned number = 0;

	for (const char *p = entry->name; *p; p++)
		if (*p >= '0' && *p <= '9' && number <= SEGMENT_NUMBER_MAX)
			number = number * 10 + (unsigned)(*p - '0');
	if (number > SEGMENT_NUMBER_MAX)
		return -1;
	segment_name(name, number);
	return strcmp(name, entry->name) == 0 ? (int)number : -1;
}

static void list_segment(struct reader *r, const struct reader_manifest *m,
	const Icecore__V1__SegmentEntry *entry)
{
	int number = entry_number(entry);
	struct reader_segment *s;

	if (number < 0) {
		reader_finding(r, "manifest-%06u.pb: lists '%.40s'", m->number,
			entry->name);
		return;
	}
	s = reader_segment_find(r, (unsigned)number);
	if (s->vouched && m->valid)
		reader_finding(r, "%s: listed by manifest %d and again by %u",
			entry->name, s->listed_by, m->number);
	if (s->vouched || (s->entry && !m->valid))
		return;
	s->entry = entry;
	s->listed_by = (int)m->number;
	s->vouched = m->valid;
}

/* Segments that are listed but not there get a place among the others. */
static int add_absent(struct reader *r, struct err *e)
{
	size_t present = r->segments_n;

	for (size_t i = 0; i < r->manifests_n; i++) {
		const Icecore__V1__Manifest *m = r->manifests[i].m.body;

		for (size_t k = 0; m && k < m->n_segments; k++) {
			int number = entry_number(m->segments[k]);
			int rc;

			if (number < 0 || reader_segment_among(
						  r, present, (unsigned)number))
				continue;
			rc = reader_segment_add(r, (unsigned)number, e);
			if (rc < 0)
				return rc;
		}
	}
	reader_segments_sort(r);
	return 0;
}

static int list_segments(struct reader *r, struct err *e)
{
	int rc = add_absent(r, e);

	if (rc < 0)
		return rc;
	for (size_t i = 0; i < r->manifests_n; i++) {
		const struct reader_manifest *m = &r->manifests[i];

		if (m->valid && m->m.body->ending)
			r->ending = m->m.body->ending;
		for (size_t k = 0; m->m.body && k < m->m.body->n_segments; k++)
			list_segment(r, m, m->m.body->segments[k]);
	}
	return 0;
}

int reader_read_chain(struct reader *r, struct err *e)
{
	for (size_t i = 0; i < r->manifests_n; i++) {
		int rc = read_manifest(r, &r->manifests[i], e);

		if (rc < 0)
			return rc;
	}
	check_strangers(r);
	check_holes(r);
	for (size_t i = 0; i < r->manifests_n; i++)
		check_link(r, i);
	return list_segments(r, e);
}

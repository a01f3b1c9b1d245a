// SPDX-License-Identifier: Apache-2.0
#include <inttypes.h>
#include <time.h>

#include "evidence/record.h"
#include "lab/custody.h"
#include "lab/lab.h"
#include "lab/proofs.h"
#include "lab/reader.h"

void custody_time(char ret[CUSTODY_TIME_CHARS], uint64_t realtime_ns)
{
	time_t t = (time_t)(realtime_ns / 1000000000);
	char seconds[CUSTODY_TIME_CHARS];
	struct tm tm;

	if (!gmtime_r(&t, &tm) ||
		!strftime(seconds, sizeof(seconds), "%Y-%m-%dT%H:%M:%S", &tm))
		(void)snprintf(
			ret, CUSTODY_TIME_CHARS, "%" PRIu64 " ns", realtime_ns);
	else
		(void)snprintf(ret, CUSTODY_TIME_CHARS, "%.28s.%09" PRIu64 "Z",
			seconds, realtime_ns % 1000000000);
}

static json_t *time_json(uint64_t realtime_ns)
{
	char text[CUSTODY_TIME_CHARS];

	custody_time(text, realtime_ns);
	return json_string(text);
}

/* NULL bytes: null. */
static json_t *hash_json(const uint8_t *v, size_t len)
{
	char hex[HASH_HEX_CHARS] = "";

	if (len != HASH_BYTES)
		return json_null();
	for (size_t i = 0; i < HASH_BYTES; i++)
		(void)snprintf(hex + 2 * i, 3, "%02x", v[i]);
	return json_string(hex);
}

/* Numbers past 2^53 are no longer exact for who reads JSON: as text. */
static json_t *number(uint64_t v)
{
	char text[24];

	if (v <= 1ULL << 53)
		return json_integer((json_int_t)v);
	(void)snprintf(text, sizeof(text), "%" PRIu64, v);
	return json_string(text);
}

static uint64_t sum(size_t n, Icecore__V1__Range *const *v)
{
	uint64_t bytes = 0;

	for (size_t i = 0; i < n; i++)
		bytes += v[i]->end > v[i]->start ? v[i]->end - v[i]->start : 0;
	return bytes;
}

static json_t *manifest_json(const struct reader_manifest *m)
{
	const Icecore__V1__Manifest *body = m->m.body;
	char name[MANIFEST_NAME_CHARS];
	uint64_t bytes = 0;
	size_t packed, at = 2;

	manifest_name(name, m->number);
	if (!m->valid)
		return json_pack("{s:s, s:i, s:s}", "name", name, "number",
			(int)m->number, "state", "not valid");
	for (size_t i = 0; i < body->n_segments; i++)
		bytes += body->segments[i]->size_bytes;
	/* The signed bytes are the first field, after its key and length. */
	packed = icecore__v1__manifest__get_packed_size(body);
	for (size_t left = packed >> 7; left; left >>= 7)
		at++;
	return json_pack(
		"{s:s, s:i, s:s, s:o, s:o, s:o, s:o, s:I, s:o, s:I, s:I, s:I}",
		"name", name, "number", (int)m->number, "state", "valid",
		"sha256", hash_json(m->m.sha256, HASH_BYTES), "previous_sha256",
		hash_json(body->previous_sha256.data, body->previous_sha256.len),
		"written", time_json(body->written_realtime_ns), "monotonic_ns",
		number(body->written_monotonic_ns), "segments",
		(json_int_t)body->n_segments, "sealed_bytes", number(bytes),
		"manifest_at", (json_int_t)at, "manifest_bytes",
		(json_int_t)packed, "token_bytes", (json_int_t)m->m.token.len);
}

static json_t *segment_json(const struct reader_segment *s)
{
	static const char *const states[] = { "not checked", "good", "missing",
		"damaged" };
	const Icecore__V1__SegmentEntry *x = s->entry;
	uint64_t records = 0;
	char name[32];

	(void)snprintf(name, sizeof(name), "segment-%06u.age", s->number);
	if (!x || !s->vouched)
		return json_pack("{s:s, s:s, s:n}", "name", name, "state",
			states[s->state], "manifest");
	for (size_t i = 0; i < x->n_kinds; i++)
		records += x->kinds[i]->records;
	return json_pack("{s:s, s:s, s:o, s:o, s:o, s:i, s:o, s:o}", "name",
		name, "state", states[s->state], "bytes", number(x->size_bytes),
		"sha256", hash_json(x->sha256.data, x->sha256.len), "records",
		number(records), "manifest", s->listed_by, "memory_bytes",
		number(sum(x->n_memory, x->memory)), "memory_gap_bytes",
		number(sum(x->n_memory_gaps, x->memory_gaps)));
}

static json_t *manifests_json(const struct reader *r)
{
	json_t *list = json_array();

	for (size_t i = 0; list && i < r->manifests_n; i++)
		list = json_append(list, manifest_json(&r->manifests[i]));
	return list;
}

static json_t *segments_json(const struct reader *r)
{
	json_t *list = json_array();

	for (size_t i = 0;
		list && i < r->segments_n && i < CUSTODY_SEGMENTS_MAX; i++)
		list = json_append(list, segment_json(&r->segments[i]));
	return list;
}

/* Records by kind, of the segments that manifests list. */
static json_t *kinds_json(const struct reader *r)
{
	uint64_t n[RECORD_KINDS] = { 0 };
	json_t *j = json_object();

	for (size_t i = 0; i < r->segments_n; i++) {
		const Icecore__V1__SegmentEntry *x = r->segments[i].entry;

		for (size_t k = 0; x && k < x->n_kinds; k++)
			if (x->kinds[k]->kind < RECORD_KINDS)
				n[x->kinds[k]->kind] += x->kinds[k]->records;
	}
	for (unsigned k = 0; j && k < RECORD_KINDS; k++) {
		const char *name = n[k] ? record_kind_name(k) : NULL;

		if (name && json_object_set_new(j, name, number(n[k])) < 0) {
			json_decref(j);
			j = NULL;
		}
	}
	return j;
}

static json_t *damage_json(const struct reader *r)
{
	json_t *list = json_array();

	for (size_t i = 0; list && i < r->findings_n && i < READER_FINDINGS_MAX;
		i++)
		list = json_append(list, json_text(r->findings[i].text));
	return list;
}

static json_t *texts_json(size_t n, char *const *v)
{
	json_t *list = json_array();

	for (size_t i = 0; list && i < n; i++)
		list = json_append(list, json_text(v[i]));
	return list;
}

static json_t *host_json(const Icecore__V1__Host *h)
{
	if (!h)
		return json_null();
	return json_pack("{s:o, s:o, s:o, s:o, s:o, s:o}", "name",
		json_text(h->name), "machine_id", json_text(h->machine_id),
		"boot_id", json_text(h->boot_id), "kernel_release",
		json_text(h->kernel_release), "kernel_version",
		json_text(h->kernel_version), "architecture",
		json_text(h->architecture));
}

static json_t *clock_json(const Icecore__V1__Clock *c)
{
	if (!c)
		return json_null();
	return json_pack("{s:o, s:o, s:o, s:o, s:b, s:o}", "realtime",
		time_json(c->realtime_ns), "realtime_ns",
		number(c->realtime_ns), "monotonic_ns", number(c->monotonic_ns),
		"boottime_ns", number(c->boottime_ns), "synchronized",
		c->synchronized, "max_error_us", number(c->max_error_us));
}

static json_t *ending_json(const Icecore__V1__Ending *x)
{
	static const char *const outcomes[] = { "not told", "complete",
		"interrupted", "failed" };

	if (!x)
		return json_null();
	return json_pack("{s:s, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o}",
		"outcome",
		(unsigned)x->outcome < ARRAY_LEN(outcomes) ? outcomes[x->outcome]
							   : "not known",
		"reason", json_text(x->reason), "segments", number(x->segments),
		"records", number(x->records), "sealed_bytes",
		number(x->sealed_bytes), "memory_bytes",
		number(x->memory_bytes), "memory_gap_bytes",
		number(x->memory_gap_bytes), "memory_doubtful_bytes",
		number(x->memory_doubtful_bytes), "gaps", number(x->gaps));
}

/* What manifest 0 says, where it is proved. */
static json_t *beginning_json(const Icecore__V1__Beginning *b)
{
	if (!b)
		return json_object();
	return json_pack("{s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o}", "case",
		json_text(b->case_name), "trigger", json_text(b->trigger),
		"host", host_json(b->host), "clock", clock_json(b->clock),
		"agent_version", json_text(b->agent_version), "recipients",
		texts_json(b->n_recipients, b->recipients), "collectors",
		texts_json(b->n_collectors, b->collectors), "system_ram_bytes",
		number(sum(b->n_system_ram, b->system_ram)));
}

static json_t *chain_json(const struct reader *r)
{
	const struct reader_manifest *last = &r->manifests[r->manifests_n - 1];

	return json_pack("{s:o, s:o, s:o, s:o, s:I, s:o, s:o, s:o, s:I, s:I, s:I}",
		"began",
		r->beginning
			? time_json(r->manifests[0].m.body->written_realtime_ns)
			: json_null(),
		"ended",
		r->ending && last->valid
			? time_json(last->m.body->written_realtime_ns)
			: json_null(),
		"manifests", manifests_json(r), "segments", segments_json(r),
		"segments_number", (json_int_t)r->segments_n, "kinds",
		kinds_json(r), "ending", ending_json(r->ending), "damage",
		damage_json(r), "damage_number", (json_int_t)r->findings_n,
		"unlisted_segments", (json_int_t)r->unlisted, "leftovers",
		(json_int_t)r->leftovers);
}

json_t *custody_json(
	const struct reader *r, const struct proofs *p, const char *signer)
{
	AUTO_JSON json_t *chain = chain_json(r);
	AUTO_JSON json_t *beginning = beginning_json(r->beginning);
	json_t *j = json_pack("{s:s, s:o, s:o, s:s?, s:O, s:O}", "verdict",
		lab_verdict(r), "capture", json_text(r->capture_id), "signed_by",
		hash_json(r->public_key, HASH_BYTES), "expected_signer", signer,
		"timestamps", p->timestamps, "identity", p->identity);

	if (j && (!chain || !beginning || json_object_update(j, beginning) < 0 ||
			 json_object_update(j, chain) < 0)) {
		json_decref(j);
		return NULL;
	}
	return j;
}

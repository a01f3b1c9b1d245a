// SPDX-License-Identifier: Apache-2.0
/*
 * The worked example of proto/FORMAT.md is what this code writes.  With the
 * argument "print", print it instead, to be pasted in.
 */
#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <sys/uio.h>

#include "base/buf.h"
#include "base/io.h"
#include "evidence/manifest.h"
#include "evidence/record.h"
#include "unit/unit.h"

enum { TEXT_BYTES = 1 << 16, LINE_BYTES = 16 };

/* "    0000  12 34 ...  text" */
static void dump(struct buf *ret, const struct buf *b)
{
	struct err e = { 0 };

	for (size_t at = 0; at < b->len; at += LINE_BYTES) {
		char hex[3 * LINE_BYTES + 1] = "", text[LINE_BYTES + 1] = "";

		for (size_t i = 0; i < LINE_BYTES && at + i < b->len; i++) {
			uint8_t v = b->data[at + i];

			(void)snprintf(hex + 3 * i, 4, "%02x ", v);
			text[i] = v > 0x20 && v < 0x7f ? (char)v : '.';
		}
		assert_ok(buf_text(ret, &e, "    %04zx  %-48s %s\n", at, hex,
				  text),
			&e);
	}
}

static void put(struct buf *ret, Icecore__V1__Record *m, const char *bulk)
{
	struct iovec v = { (void *)(uintptr_t)bulk, bulk ? strlen(bulk) : 0 };
	struct record r = { m, &v, bulk ? 1 : 0 };
	struct err e = { 0 };
	uint8_t head[256];
	size_t n = 0;

	assert_ok(record_head(head, &n, sizeof(head), &r, &e), &e);
	assert_ok(buf_append(ret, head, n, &e), &e);
	assert_ok(buf_append(ret, bulk, v.iov_len, &e), &e);
}

static void make_records(struct buf *ret)
{
	Icecore__V1__SegmentHeader header = ICECORE__V1__SEGMENT_HEADER__INIT;
	Icecore__V1__MemoryExtent x = ICECORE__V1__MEMORY_EXTENT__INIT;
	Icecore__V1__PageRun zero = ICECORE__V1__PAGE_RUN__INIT;
	Icecore__V1__PageRun data = ICECORE__V1__PAGE_RUN__INIT;
	Icecore__V1__PageRun *runs[] = { &zero, &data };
	Icecore__V1__Range range = ICECORE__V1__RANGE__INIT;
	Icecore__V1__Record m = ICECORE__V1__RECORD__INIT;
	Icecore__V1__Gap gap = ICECORE__V1__GAP__INIT;

	header.format_version = RECORD_FORMAT_VERSION;
	header.capture_id = "example";
	m.body_case = ICECORE__V1__RECORD__BODY_SEGMENT_HEADER;
	m.segment_header = &header;
	put(ret, &m, NULL);
	x.start = 0x9fbe0;
	x.source = ICECORE__V1__MEMORY_SOURCE__MEMORY_SOURCE_KMOD;
	x.read_start_ns = 1000;
	x.read_end_ns = 2000;
	zero.status = ICECORE__V1__PAGE_STATUS__PAGE_STATUS_ZERO;
	data.status = ICECORE__V1__PAGE_STATUS__PAGE_STATUS_DATA;
	zero.bytes = data.bytes = 16;
	x.runs = runs;
	x.n_runs = 2;
	m.body_case = ICECORE__V1__RECORD__BODY_MEMORY_EXTENT;
	m.memory_extent = &x;
	put(ret, &m, "sixteen bytes ..");
	range.start = 0x9fc00;
	range.end = 0x9fc10;
	gap.kind = ICECORE__V1__GAP_KIND__GAP_KIND_MEMORY;
	gap.range = &range;
	gap.page_status = ICECORE__V1__PAGE_STATUS__PAGE_STATUS_HWPOISON;
	gap.source = x.source;
	m.body_case = ICECORE__V1__RECORD__BODY_GAP;
	m.gap = &gap;
	put(ret, &m, NULL);
}

/* RFC 8032 section 7.1, test 1. */
static const uint8_t seed[] = { 0x9d, 0x61, 0xb1, 0x9d, 0xef, 0xfd, 0x5a, 0x60,
	0xba, 0x84, 0x4a, 0xf4, 0x92, 0xec, 0x2c, 0xc4, 0x44, 0x49, 0xc5, 0x69,
	0x7b, 0x32, 0x69, 0x19, 0x70, 0x3b, 0xac, 0x03, 0x1c, 0xae, 0x7f, 0x60 };

static void fill_entry(
	Icecore__V1__SegmentEntry *s, uint8_t *sha, const struct buf *records)
{
	static Icecore__V1__KindCount kinds[3];
	static Icecore__V1__KindCount *kinds_p[3];
	static Icecore__V1__Range memory, gap, *memory_p = &memory, *gap_p = &gap;
	static const unsigned numbers[] = { 1, 3, 4 };
	struct err e = { 0 };

	assert_ok(hash_bytes(sha, records->data, records->len, &e), &e);
	s->name = "segment-000000.age";
	s->size_bytes = 1234;
	s->sha256 = (ProtobufCBinaryData){ HASH_BYTES, sha };
	s->plain_bytes = records->len;
	for (int i = 0; i < 3; i++) {
		icecore__v1__kind_count__init(&kinds[i]);
		kinds[i].kind = numbers[i];
		kinds[i].records = 1;
		kinds_p[i] = &kinds[i];
	}
	s->kinds = kinds_p;
	s->n_kinds = 3;
	icecore__v1__range__init(&memory);
	icecore__v1__range__init(&gap);
	memory.start = 0x9fbe0;
	memory.end = gap.start = 0x9fc00;
	gap.end = 0x9fc10;
	s->memory = &memory_p;
	s->memory_gaps = &gap_p;
	s->n_memory = s->n_memory_gaps = 1;
	s->zero_bytes = 16;
}

static void make_manifest(struct buf *ret, const struct buf *records)
{
	Icecore__V1__SegmentEntry s = ICECORE__V1__SEGMENT_ENTRY__INIT;
	Icecore__V1__Manifest m = ICECORE__V1__MANIFEST__INIT;
	Icecore__V1__SegmentEntry *list[] = { &s };
	uint8_t sha[HASH_BYTES], previous[HASH_BYTES];
	struct manifest_key *key = NULL;
	struct err e = { 0 };

	fill_entry(&s, sha, records);
	assert_ok(hash_bytes(previous, "", 0, &e), &e);
	m.format_version = RECORD_FORMAT_VERSION;
	m.capture_id = "example";
	m.number = 1;
	m.previous_sha256 = (ProtobufCBinaryData){ HASH_BYTES, previous };
	m.written_realtime_ns = 1700000000000000000;
	m.written_monotonic_ns = 5000000000;
	m.segments = list;
	m.n_segments = 1;
	assert_ok(manifest_key_from_seed(&key, seed, &e), &e);
	assert_ok(manifest_seal(ret, NULL, &m, key, &e), &e);
	manifest_key_free(key);
}

static void make(struct buf *records, struct buf *manifest)
{
	buf_init(records, TEXT_BYTES);
	buf_init(manifest, TEXT_BYTES);
	make_records(records);
	make_manifest(manifest, records);
}

/* The section of FORMAT.md between "<!-- name -->" and "<!-- end -->". */
static void compare(const char *name, const struct buf *bytes)
{
	AUTO_BUF struct buf file = { 0 };
	AUTO_BUF struct buf want = { 0 };
	struct err e = { 0 };
	char mark[32];
	char *text, *start, *end;

	buf_init(&file, TEXT_BYTES);
	buf_init(&want, TEXT_BYTES);
	assert_ok(io_slurp(AT_FDCWD, FORMAT_MD, &file, &e), &e);
	text = buf_string(&file, &e);
	assert_non_null(text);
	(void)snprintf(mark, sizeof(mark), "<!-- %s -->\n", name);
	start = strstr(text, mark);
	assert_non_null(start);
	start += strlen(mark);
	end = strstr(start, "<!-- end -->");
	assert_non_null(end);
	*end = 0;
	dump(&want, bytes);
	assert_string_equal(start, buf_string(&want, &e));
}

static void example_is_what_is_written(void **state)
{
	AUTO_BUF struct buf records = { 0 };
	AUTO_BUF struct buf manifest = { 0 };

	(void)state;
	make(&records, &manifest);
	compare("records", &records);
	compare("manifest", &manifest);
}

static int print(void)
{
	AUTO_BUF struct buf records = { 0 };
	AUTO_BUF struct buf manifest = { 0 };
	AUTO_BUF struct buf text = { 0 };
	struct err e = { 0 };

	make(&records, &manifest);
	buf_init(&text, TEXT_BYTES);
	dump(&text, &records);
	(void)!buf_text(&text, &e, "\n");
	dump(&text, &manifest);
	return puts(buf_string(&text, &e)) < 0;
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(example_is_what_is_written),
	};

	if (argc > 1 && strcmp(argv[1], "print") == 0)
		return print();
	return cmocka_run_group_tests(tests, NULL, NULL);
}

// SPDX-License-Identifier: Apache-2.0
/* make_seeds TARGET DIR: valid inputs of a fuzz target, made by the code
 * under test, so that none lies in the tree. */
#include <fcntl.h>
#include <sys/uio.h>

#include "base/buf.h"
#include "base/io.h"
#include "evidence/manifest.h"
#include "evidence/segment.h"
#include "evidence/timestamp.h"
#include "fuzz/fuzz_key.h"
#include "unit/core_fixture.h"
#include "unit/made_kernel.h"
#include "unit/pki.h"

enum { SEED_TIME = 1800000000 };

static const char *dir;

static void must(int r, const struct err *e)
{
	if (r >= 0)
		return;
	(void)fprintf(stderr, "make_seeds: %s\n", e->msg);
	exit(1);
}

static void save(const char *name, const char *mode, const void *p, size_t len)
{
	char path[512];
	struct err e = { 0 };
	AUTO_CLOSE int fd = -1;

	(void)snprintf(path, sizeof(path), "%s/%s", dir, name);
	fd = io_open(AT_FDCWD, path, O_WRONLY | O_CREAT | O_EXCL, 0600, &e);
	must(fd, &e);
	must(io_write(fd, mode, strlen(mode), &e), &e);
	must(io_write(fd, p, len, &e), &e);
}

/* One record of each kind. */
static size_t make_records(uint8_t *ret, size_t cap, int with_lengths)
{
	Icecore__V1__SegmentHeader header = ICECORE__V1__SEGMENT_HEADER__INIT;
	Icecore__V1__MemoryExtent x = ICECORE__V1__MEMORY_EXTENT__INIT;
	Icecore__V1__MemoryMap map = ICECORE__V1__MEMORY_MAP__INIT;
	Icecore__V1__PageRun run = ICECORE__V1__PAGE_RUN__INIT;
	Icecore__V1__Range range = ICECORE__V1__RANGE__INIT;
	Icecore__V1__Gap gap = ICECORE__V1__GAP__INIT;
	Icecore__V1__File file = ICECORE__V1__FILE__INIT;
	Icecore__V1__PageRun *runs[] = { &run };
	Icecore__V1__Range *ranges[] = { &range };
	Icecore__V1__Record m[5];
	size_t n = 0;

	for (int i = 0; i < 5; i++)
		icecore__v1__record__init(&m[i]);
	header.format_version = 1;
	header.capture_id = "seed";
	m[0].body_case = ICECORE__V1__RECORD__BODY_SEGMENT_HEADER;
	m[0].segment_header = &header;
	range.end = 4096;
	map.system_ram = ranges;
	map.n_system_ram = 1;
	m[1].body_case = ICECORE__V1__RECORD__BODY_MEMORY_MAP;
	m[1].memory_map = &map;
	run.status = ICECORE__V1__PAGE_STATUS__PAGE_STATUS_DATA;
	run.bytes = 3;
	x.runs = runs;
	x.n_runs = 1;
	x.data = (ProtobufCBinaryData){ 3, (uint8_t *)"ice" };
	m[2].body_case = ICECORE__V1__RECORD__BODY_MEMORY_EXTENT;
	m[2].memory_extent = &x;
	gap.kind = ICECORE__V1__GAP_KIND__GAP_KIND_MEMORY;
	gap.range = &range;
	gap.reason = "seed";
	m[3].body_case = ICECORE__V1__RECORD__BODY_GAP;
	m[3].gap = &gap;
	file.path = "/proc/seed";
	file.data = x.data;
	m[4].body_case = ICECORE__V1__RECORD__BODY_FILE;
	m[4].file = &file;
	for (int i = 0; i < 5; i++) {
		size_t len = icecore__v1__record__get_packed_size(&m[i]);
		char name[32];

		if (n + len + 1 > cap || len > 127)
			exit(1);
		if (!with_lengths) {
			(void)icecore__v1__record__pack(&m[i], ret);
			(void)snprintf(name, sizeof(name), "record-%d", i);
			save(name, "", ret, len);
			continue;
		}
		ret[n++] = (uint8_t)len;
		n += icecore__v1__record__pack(&m[i], ret + n);
	}
	return n;
}

static void seal_file(struct buf *ret, const void *p, size_t len)
{
	static uint8_t chunk[AGE_SEALED_CHUNK_BYTES];
	uint8_t begin[AGE_BEGIN_MAX_BYTES];
	struct age_sealer *s = NULL;
	struct age_identity id;
	struct err e = { 0 };
	size_t n = 0;

	fuzz_key(&id);
	must(age_sealer_new(&s, &id.recipient, 1, &e), &e);
	must(age_sealer_begin(s, begin, &n, &e), &e);
	must(buf_append(ret, begin, n, &e), &e);
	memcpy(chunk, p, len);
	must(age_sealer_chunk(s, chunk, len, 1, &e), &e);
	must(buf_append(ret, chunk, len + AGE_TAG_BYTES, &e), &e);
	age_sealer_free(s);
}

static void make_age(void)
{
	AUTO_BUF struct buf b = { 0 };

	buf_init(&b, 1 << 20);
	seal_file(&b, "ice", 3);
	save("one-chunk", "", b.data, b.len);
}

static void make_segment(void)
{
	uint8_t *out = malloc(SEGMENT_BYTES), records[512];
	Icecore__V1__Record m = ICECORE__V1__RECORD__INIT;
	Icecore__V1__Gap gap = ICECORE__V1__GAP__INIT;
	struct record r = { &m, NULL, 0 };
	struct segment_writer *w = NULL;
	struct segment_info info;
	struct age_identity id;
	struct err e = { 0 };
	size_t n = make_records(records, sizeof(records), 1);

	save("records", "r", records, n);
	save("frame", "z", "\x28\xb5\x2f\xfd\x20\x00\x01\x00\x00", 9);
	fuzz_key(&id);
	m.body_case = ICECORE__V1__RECORD__BODY_GAP;
	m.gap = &gap;
	if (!out)
		exit(1);
	must(segment_writer_new(&w, &id.recipient, 1, &e), &e);
	must(segment_begin(w, out, SEGMENT_BYTES, 1, &e), &e);
	must(segment_add(w, &r, &e), &e);
	must(segment_end(w, &info, &e), &e);
	save("sealed", "a", out, info.size_bytes);
	segment_writer_free(w);
	free(out);
}

static void make_manifest(void)
{
	Icecore__V1__SegmentEntry s = ICECORE__V1__SEGMENT_ENTRY__INIT;
	Icecore__V1__Manifest m = ICECORE__V1__MANIFEST__INIT;
	Icecore__V1__Ending end = ICECORE__V1__ENDING__INIT;
	Icecore__V1__SegmentEntry *list[] = { &s };
	struct manifest_key *key = NULL;
	AUTO_BUF struct buf b = { 0 };
	uint8_t sha[HASH_BYTES] = { 0 }, packed[512];
	uint8_t signature[MANIFEST_SIGNATURE_BYTES];
	AUTO_BUF struct buf request = { 0 };
	struct buf none = { 0 };
	struct err e = { 0 };

	m.format_version = 1;
	m.capture_id = "seed";
	m.segments = list;
	m.n_segments = 1;
	m.ending = &end;
	s.name = "segment-000000.age";
	s.sha256 = (ProtobufCBinaryData){ sizeof(sha), sha };
	buf_init(&b, MANIFEST_MAX_BYTES);
	buf_init(&request, MANIFEST_REQUEST_MAX_BYTES);
	must(manifest_key_new(&key, &e), &e);
	must(manifest_seal(&b, signature, &m, key, &e), &e);
	save("signed", "o", b.data, b.len);
	must(timestamp_request(&request, signature, &e), &e);
	must(manifest_stamp(&b, &none, &request, &e), &e);
	save("stamped", "o", b.data, b.len);
	save("body", "s", packed, icecore__v1__manifest__pack(&m, packed));
	manifest_key_free(key);
}

static void make_timestamp(void)
{
	static const uint8_t signature[MANIFEST_SIGNATURE_BYTES] = "seed";
	AUTO_BUF struct buf request = { 0 };
	AUTO_BUF struct buf reply = { 0 };
	AUTO_BUF struct buf token = { 0 };
	struct pki tsa = { 0 };
	struct err e = { 0 };

	buf_init(&request, MANIFEST_REQUEST_MAX_BYTES);
	buf_init(&reply, TIMESTAMP_REPLY_MAX_BYTES);
	buf_init(&token, MANIFEST_TOKEN_MAX_BYTES);
	pki_new(&tsa, NULL, "seed", PKI_TSA, SEED_TIME, SEED_TIME + 9);
	must(timestamp_request(&request, signature, &e), &e);
	pki_stamp(&reply, &tsa, &request, SEED_TIME);
	must(timestamp_accept(&token, &request, &reply, &e), &e);
	save("reply", "r", reply.data, reply.len);
	save("token", "t", token.data, token.len);
	pki_done(&tsa);
}

static void make_identity(void)
{
	static const char ec2[] =
		"{\"instanceId\":\"i\",\"accountId\":\"1\",\"region\":\"r\","
		"\"pendingTime\":\"2027-01-15T07:00:00Z\"}";
	static const char azure[] =
		"{\"vmId\":\"v\",\"subscriptionId\":\"s\","
		"\"nonce\":\"1234567890\",\"timeStamp\":{"
		"\"createdOn\":\"01/15/27 07:59:59 -0000\","
		"\"expiresOn\":\"01/15/27 13:59:59 -0000\"}}";
	static const char gce[] =
		"{\"aud\":\"seed\",\"iss\":\"accounts.google.com\",\"google\":{"
		"\"compute_engine\":{\"instance_id\":\"1\",\"zone\":\"z\","
		"\"instance_name\":\"n\",\"project_id\":\"p\"}},"
		"\"iat\":1799999999,\"exp\":1800003599}";
	AUTO_BUF struct buf b = { 0 };
	struct pki signer = { 0 };
	struct err e = { 0 };

	buf_init(&b, 64 << 10);
	pki_new(&signer, NULL, "seed", PKI_SIGNER, SEED_TIME, SEED_TIME + 9);
	must(buf_append(&b, ec2, sizeof(ec2), &e), &e);
	pki_pkcs7(&b, &signer, ec2, 0);
	save("ec2", "e", b.data, b.len);
	b.len = 0;
	must(buf_text(&b, &e, "{\"encoding\":\"pkcs7\",\"signature\":\""), &e);
	pki_pkcs7(&b, &signer, azure, 0);
	must(buf_text(&b, &e, "\"}"), &e);
	save("azure", "a", b.data, b.len);
	b.len = 0;
	pki_jwt(&b, &signer, "{\"alg\":\"RS256\"}", gce);
	save("gce", "g", b.data, b.len);
	pki_done(&signer);
}

/* A process: what it is, and pages of it. */
static void make_core(void)
{
	static uint8_t out[16 << 10];
	static struct core_fixture f;
	Icecore__V1__Record m[2];
	struct record r[2] = { { &m[0], NULL, 0 }, { &m[1], NULL, 0 } };
	struct err e = { 0 };
	size_t n = 0, len = 0;

	core_fixture(&f);
	icecore__v1__record__init(&m[0]);
	icecore__v1__record__init(&m[1]);
	m[0].body_case = ICECORE__V1__RECORD__BODY_PROCESS_CORE;
	m[0].process_core = &f.core;
	m[1].body_case = ICECORE__V1__RECORD__BODY_PROCESS_PAGES;
	m[1].process_pages = &f.pages;
	for (int i = 0; i < 2; i++) {
		must(record_head(out + n, &len, sizeof(out) - n, &r[i], &e), &e);
		n += len;
	}
	save("process", "", out, n);
}

/* A kernel: types, a module's, numbers, symbols. */
static void make_symbols(void)
{
	static const char info[] = "NUMBER(phys_base)=4096\nKERNELOFFSET=0\n";
	static const char kallsyms[] = "ffffffff81000000 T _text\n"
				       "ffffffff81000000 T _stext\n"
				       "ffffffff81001000 D init_task\n"
				       "0000000000001000 A runqueues\n"
				       "ffffffff81002000 D tk_core\n"
				       "ffffffff81003000 B _end\n";
	struct kernel_files *k = made_kernel(kallsyms);
	const size_t lengths[] = { k->btf.len, k->modules[0].btf.len,
		sizeof(info) - 1 };
	AUTO_BUF struct buf b = { 0 };
	struct err e = { 0 };

	buf_init(&b, 64 << 10);
	for (size_t i = 0; i < ARRAY_LEN(lengths); i++)
		must(buf_append(&b,
			     &(uint8_t[]){ (uint8_t)lengths[i],
				     (uint8_t)(lengths[i] >> 8) },
			     2, &e),
			&e);
	must(buf_append(&b, k->btf.data, k->btf.len, &e), &e);
	must(buf_append(&b, k->modules[0].btf.data, k->modules[0].btf.len, &e),
		&e);
	must(buf_append(&b, info, sizeof(info) - 1, &e), &e);
	must(buf_append(&b, kallsyms, sizeof(kallsyms) - 1, &e), &e);
	save("kernel", "", b.data, b.len);
	kernel_files_free(k);
}

int main(int argc, char **argv)
{
	uint8_t scratch[512];

	if (argc != 3)
		return 2;
	dir = argv[2];
	if (strcmp(argv[1], "record") == 0 || strcmp(argv[1], "export") == 0)
		(void)make_records(scratch, sizeof(scratch), 0);
	if (strcmp(argv[1], "core") == 0)
		make_core();
	if (strcmp(argv[1], "age") == 0)
		make_age();
	if (strcmp(argv[1], "segment") == 0)
		make_segment();
	if (strcmp(argv[1], "manifest") == 0)
		make_manifest();
	if (strcmp(argv[1], "timestamp") == 0)
		make_timestamp();
	if (strcmp(argv[1], "identity") == 0)
		make_identity();
	if (strcmp(argv[1], "symbols") == 0)
		make_symbols();
	return 0;
}

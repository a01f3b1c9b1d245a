// SPDX-License-Identifier: Apache-2.0
/* The ring against one that keeps everything: what is there is the newest that
 * fits, in order, and every record that is not there is counted. */
#include <errno.h>
#include <string.h>

#include "recorder/ring.h"
#include "unit/unit.h"

enum { RECORDS = 200000, BYTES = RING_MIN_BYTES };

struct record {
	struct recorder_head head;
	uint64_t number;
	uint8_t rest[2048];
};

static uint32_t dice(void)
{
	static uint64_t x = 88172645463325252ULL;

	x ^= x << 13;
	x ^= x >> 7;
	x ^= x << 17;
	return (uint32_t)(x >> 11);
}

static struct record make(uint64_t number)
{
	struct record r = { .number = number };

	r.head.bytes = (uint32_t)offsetof(struct record, rest) +
		       dice() % (uint32_t)sizeof(r.rest);
	r.head.kind = 1 + dice() % (RECORDER_KINDS - 1);
	r.head.boot_ns = number * 1000;
	memset(r.rest, (int)number, sizeof(r.rest));
	return r;
}

static uint64_t sum(const uint64_t *v)
{
	uint64_t n = 0;

	for (int k = 0; k < RECORDER_KINDS; k++)
		n += v[k];
	return n;
}

/* Every record in ${bytes}, which begins with the number ${first}. */
static uint64_t check_records(const uint8_t *bytes, size_t len, uint64_t first)
{
	struct record r;

	while (len) {
		memcpy(&r, bytes, offsetof(struct record, rest));
		assert_true(r.head.bytes <= len);
		assert_int_equal(r.number, first);
		assert_int_equal(r.head.boot_ns, first * 1000);
		for (size_t i = offsetof(struct record, rest); i < r.head.bytes;
			i++)
			assert_int_equal(bytes[i], first & 0xff);
		bytes += (r.head.bytes + 7) & ~7U;
		len -= (r.head.bytes + 7) & ~7U;
		first++;
	}
	return first;
}

static void overwrites(void **state)
{
	static uint8_t piece[BYTES];
	uint64_t recorded[RECORDER_KINDS] = { 0 };
	struct err e = { 0 };
	struct ring *r;

	(void)state;
	assert_ok(ring_new(&r, BYTES, &e), &e);
	for (uint64_t i = 0; i < RECORDS; i++) {
		struct record one = make(i);
		const struct ring_counters *c = ring_counters(r);

		ring_put(r, &one, sizeof(one));
		recorded[one.head.kind]++;
		if (i > 100 && i % 1000 == 7)
			ring_expire(r, (i - dice() % 20) * 1000);
		assert_int_equal(ring_end(r), i + 1);
		assert_int_equal(sum(c->recorded), i + 1);
		assert_int_equal(
			sum(c->overwritten) + sum(c->expired), ring_oldest(r));
		assert_int_equal(ring_oldest_ns(r), ring_oldest(r) * 1000);
		if (i % 997 == 0) {
			uint64_t at = 0, skipped = 0, first = ring_oldest(r);
			size_t n = ring_read(
				r, &at, piece, sizeof(piece), &skipped);

			assert_int_equal(skipped, first);
			assert_int_equal(check_records(piece, n, first), i + 1);
			assert_int_equal(at, i + 1);
			/* Half of it and more is in use as soon as it can. */
			if (i > 200 && i % 1000 > 100)
				assert_true(ring_used(r) > BYTES - 3 * 2200);
		}
	}
	assert_memory_equal(
		recorded, ring_counters(r)->recorded, sizeof(recorded));
	ring_free(r);
}

/* A reader that stays behind is told how much it did not see. */
static void reads_on(void **state)
{
	uint64_t at = 0, seen = 0, skipped = 0, put = 0;
	static uint8_t piece[8192];
	struct err e = { 0 };
	struct ring *r;

	(void)state;
	assert_ok(ring_new(&r, BYTES, &e), &e);
	while (put < RECORDS / 4) {
		uint64_t before = skipped;
		size_t n;

		for (uint32_t i = dice() % 60; i; i--, put++) {
			struct record one = make(put);

			ring_put(r, &one, sizeof(one));
		}
		n = ring_read(r, &at, piece, sizeof(piece), &skipped);
		seen += skipped - before;
		seen = check_records(piece, n, seen);
		assert_int_equal(seen, at);
	}
	assert_true(skipped > 0);
	ring_free(r);
}

static void refuses(void **state)
{
	struct record one = make(1);
	struct err e = { 0 };
	struct ring *r = NULL;

	(void)state;
	assert_err(ring_new(&r, 1000, &e), -EINVAL, &e, "a ring of 1000 bytes");
	assert_ok(ring_new(&r, BYTES, &e), &e);
	ring_put(r, &one, sizeof(one.head) - 1);
	one.head.bytes = sizeof(one) + 1;
	ring_put(r, &one, sizeof(one));
	one.head.bytes = 8;
	ring_put(r, &one, sizeof(one));
	one.head.bytes = sizeof(one);
	one.head.kind = RECORDER_KINDS;
	ring_put(r, &one, sizeof(one));
	assert_int_equal(ring_counters(r)->malformed, 4);
	assert_int_equal(ring_end(r), 0);
	assert_int_equal(ring_used(r), 0);
	ring_free(r);
	ring_free(NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(overwrites),
		cmocka_unit_test(reads_on),
		cmocka_unit_test(refuses),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

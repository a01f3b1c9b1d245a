// SPDX-License-Identifier: Apache-2.0
/* The kernel's containers as they are, without an end, and leading nowhere. */
#include <errno.h>
#include <string.h>

#include "kernel/walk.h"
#include "unit/fake_peek.h"
#include "unit/unit.h"

static uint8_t memory[FAKE_PEEK_BYTES];
static struct fake_peek peek;

static uint64_t at(uint64_t offset)
{
	return FAKE_PEEK_BASE + offset;
}

static void put(uint64_t offset, uint64_t v)
{
	memcpy(memory + offset, &v, sizeof(v));
}

static int setup(void **state)
{
	(void)state;
	memset(memory, 0, sizeof(memory));
	fake_peek_init(&peek, memory, sizeof(memory));
	return 0;
}

struct seen {
	uint64_t at[8];
	uint64_t index[8];
	size_t n;
	int stop;
};

static int see(void *arg, uint64_t where, uint64_t index, struct err *e)
{
	struct seen *s = arg;

	if (s->stop)
		return err_set(e, -ECANCELED, "enough");
	if (s->n < ARRAY_LEN(s->at)) {
		s->at[s->n] = where;
		s->index[s->n] = index;
	}
	s->n++;
	return 0;
}

static void test_list(void **state)
{
	struct seen s = { .n = 0 };
	struct err e = { 0 };

	(void)state;
	put(0x100, at(0x200));
	put(0x200, at(0x300));
	put(0x300, at(0x100));
	assert_ok(walk_list(&peek.base, at(0x100), see, &s, &e), &e);
	assert_int_equal(s.n, 2);
	assert_int_equal(s.at[0], at(0x200));
	assert_int_equal(s.at[1], at(0x300));
	s.stop = 1;
	assert_err(walk_list(&peek.base, at(0x100), see, &s, &e), -ECANCELED,
		&e, "enough");
}

static void test_bad_lists(void **state)
{
	struct seen s = { .n = 0 };
	struct err e = { 0 };

	(void)state;
	/* It never comes back to its head. */
	put(0x100, at(0x200));
	put(0x200, at(0x300));
	put(0x300, at(0x200));
	assert_err(walk_list(&peek.base, at(0x100), see, &s, &e), -ELOOP, &e,
		"links from");
	assert_int_equal(s.n, WALK_NODES_MAX + 1);
	assert_err(walk_hlist(&peek.base, at(0x100), see, &s, &e), -ELOOP, &e,
		"links from");
	/* A link to what is not there, to user space, to 0. */
	for (int i = 0; i < 3; i++) {
		s.n = 0;
		put(0x200, (uint64_t[]){ at(FAKE_PEEK_BYTES), 4096, 0 }[i]);
		assert_err(walk_list(&peek.base, at(0x100), see, &s, &e),
			-EFAULT, &e, "nothing at");
		assert_int_equal(s.n, 2);
	}
	put(0x100, at(0x200));
	s.n = 0;
	assert_ok(walk_hlist(&peek.base, at(0x100), see, &s, &e), &e);
	assert_int_equal(s.n, 1);
}

static void put_node(uint64_t offset, uint64_t right, uint64_t left)
{
	put(offset + 8, right);
	put(offset + 16, left);
}

static void test_tree(void **state)
{
	struct seen s = { .n = 0 };
	struct err e = { 0 };

	(void)state;
	assert_ok(walk_tree(&peek.base, at(0x100), see, &s, &e), &e);
	assert_int_equal(s.n, 0);
	put(0x100, at(0x200));
	put_node(0x200, at(0x300), at(0x400));
	put_node(0x400, 0, at(0x500));
	assert_ok(walk_tree(&peek.base, at(0x100), see, &s, &e), &e);
	assert_int_equal(s.n, 4);
	assert_int_equal(s.at[0], at(0x200));
	/* A node that is its own child, and one that is not there. */
	put_node(0x500, at(0x200), at(0x500));
	assert_err(walk_tree(&peek.base, at(0x100), see, &s, &e), -ELOOP, &e,
		"links from");
	put_node(0x500, 1, 0);
	assert_err(walk_tree(&peek.base, at(0x100), see, &s, &e), -EFAULT, &e,
		"nothing at");
}

static const struct walk_xarray_layout layout = { .head = 8, .slots = 40 };

static void test_xarray(void **state)
{
	struct seen s = { .n = 0 };
	struct err e = { 0 };

	(void)state;
	assert_ok(walk_xarray(&peek.base, at(0x100), &layout, see, &s, &e), &e);
	assert_int_equal(s.n, 0);
	/* One entry has no node. */
	put(0x108, at(0x900));
	assert_ok(walk_xarray(&peek.base, at(0x100), &layout, see, &s, &e), &e);
	assert_int_equal(s.n, 1);
	assert_int_equal(s.index[0], 0);
	/* A node of nodes; a value, and an entry that is reserved. */
	s.n = 0;
	put(0x108, at(0x1000) + 2);
	memory[0x1000] = 6;
	put(0x1000 + 40 + 8, at(0x2000) + 2);
	put(0x2000 + 40 + 5 * 8, at(0x900));
	put(0x2000 + 40 + 6 * 8, 17);
	put(0x2000 + 40 + 7 * 8, 258);
	put(0x1000 + 40 + 63 * 8, at(0x3000) + 2);
	put(0x3000 + 40, at(0xa00));
	assert_ok(walk_xarray(&peek.base, at(0x100), &layout, see, &s, &e), &e);
	assert_int_equal(s.n, 2);
	assert_int_equal(s.index[0], 64 + 5);
	assert_int_equal(s.at[1], at(0xa00));
	assert_int_equal(s.index[1], 63 * 64);
}

static void test_bad_xarrays(void **state)
{
	struct seen s = { .n = 0 };
	struct err e = { 0 };

	(void)state;
	put(0x108, at(0x1000) + 2);
	memory[0x1000] = 6;
	for (int i = 0; i < 64; i++)
		put(0x1000 + 40 + 8U * (unsigned)i, at(0x1000) + 2);
	assert_err(walk_xarray(&peek.base, at(0x100), &layout, see, &s, &e),
		-ELOOP, &e, "links from");
	memory[0x1000] = 61;
	assert_err(walk_xarray(&peek.base, at(0x100), &layout, see, &s, &e),
		-EBADMSG, &e, "shift 61");
	put(0x108, at(FAKE_PEEK_BYTES - 8) + 2);
	assert_err(walk_xarray(&peek.base, at(0x100), &layout, see, &s, &e),
		-EFAULT, &e, "nothing at");
}

static void test_text(void **state)
{
	char text[16];

	(void)state;
	memcpy(memory + 0xff8, "sixteen characters", 18);
	assert_int_equal(peek_text(&peek.base, text, sizeof(text), at(0xff8)), 0);
	assert_string_equal(text, "sixteen charact");
	/* It ends where memory does. */
	memcpy(memory + FAKE_PEEK_BYTES - 4, "end", 4);
	fake_peek_init(&peek, memory, FAKE_PEEK_BYTES);
	assert_int_equal(peek_text(&peek.base, text, sizeof(text),
				 at(FAKE_PEEK_BYTES - 4)),
		0);
	assert_string_equal(text, "end");
	assert_int_equal(
		peek_text(&peek.base, text, sizeof(text), 4096), -EFAULT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(test_list, setup),
		cmocka_unit_test_setup(test_bad_lists, setup),
		cmocka_unit_test_setup(test_tree, setup),
		cmocka_unit_test_setup(test_xarray, setup),
		cmocka_unit_test_setup(test_bad_xarrays, setup),
		cmocka_unit_test_setup(test_text, setup),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

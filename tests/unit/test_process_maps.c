// SPDX-License-Identifier: Apache-2.0
/* Made-up mappings through a whole capture. */
#include "unit/process_fixture.h"

/* More than one record of them, and a page that is not its file's. */
static void test_maps(void **state)
{
	static const char stat[] =
		"42 (x) S 1 1 1 0 -1 0 0 0 0 0 0 0 0 0 0 0 0 0 9 0 0";
	static const struct live_vma vmas[] = {
		{ .start = 0x1000, .end = 0x3000, .pid = 42, .flags = 5 },
		{ .start = 0x7000000, .end = 0x7001000, .pid = 42, .flags = 5 },
	};
	static uint8_t pagemap[8 * 16];
	static uint8_t memory[0x3000];
	AUTO_BUF struct buf text = { 0 };
	const Icecore__V1__Mapping *m;
	struct err e = { 0 };

	(void)state;
	buf_init(&text, 1 << 20);
	assert_ok(buf_text(&text, &e, "1000-3000 r-xp 5000 fe:1 9 /a\xff\n"), &e);
	for (unsigned i = 0; i < MAPS_RECORD_MAX; i++)
		assert_ok(buf_text(&text, &e, "%x000-%x000 rw-p 0 0:0 0\n",
				  i + 16, i + 17),
			&e);
	write_proc("stat", stat, sizeof(stat) - 1);
	write_proc("maps", text.data, text.len);
	pagemap[8 * 2 + 7] = 0x80; /* present, of no file */
	write_proc("pagemap", pagemap, sizeof(pagemap));
	write_proc("mem", memory, sizeof(memory));
	tasks[0] = make_task(42, 42);
	fake_live.iterator = tasks;
	fake_live.iterator_n = 1;
	fake_live.vmas = vmas;
	fake_live.vmas_n = ARRAY_LEN(vmas);
	take();
	assert_int_equal(res.gaps, 0);
	assert_true(view->live_view->mappings->worked);
	assert_string_equal(findings[0]->finding->rule, "mapping.code-changed");
	assert_string_equal(findings[findings_n - 1]->finding->rule,
		"mapping.hidden-from-proc");
	assert_int_equal(maps_n, 2);
	assert_int_equal(maps[0]->process_maps->n_mappings, MAPS_RECORD_MAX);
	assert_int_equal(maps[1]->process_maps->n_mappings, 2);
	m = maps[1]->process_maps->mappings[1];
	assert_int_equal(m->start, 0x7000000);
	assert_int_equal(m->seen_by, LIVE_BY_ITERATOR);
	assert_false(maps[0]->process_maps->has_continued);
	assert_true(maps[1]->process_maps->continued);
	m = maps[0]->process_maps->mappings[0];
	assert_int_equal(m->start, 0x1000);
	assert_int_equal(m->end, 0x3000);
	assert_string_equal(m->protection, "r-xp");
	assert_int_equal(m->offset, 0x5000);
	assert_int_equal(m->device_major, 0xfe);
	assert_int_equal(m->inode, 9);
	assert_bytes(&m->path, "/a\xff");
	assert_int_equal(m->flags, MAPPING_CHANGED);
	assert_int_equal(m->changed_pages, 1);
	m = maps[1]->process_maps->mappings[0];
	assert_false(m->has_inode);
	assert_false(m->has_path);
	assert_int_equal(m->flags, 0);
}

/* More pages than are looked at, and maps that are none. */
static void test_bad_maps(void **state)
{
	static const char stat[] =
		"42 (x) S 1 1 1 0 -1 0 0 0 0 0 0 0 0 0 0 0 0 0 9 0 0";
	static const char large[] = "0-10001000 r-xp 0 1:1 9 /large\nx\n";

	(void)state;
	write_proc("stat", stat, sizeof(stat) - 1);
	write_proc("maps", large, sizeof(large) - 1);
	tasks[0] = make_task(42, 42);
	fake_live.iterator = tasks;
	fake_live.iterator_n = 1;
	take();
	assert_int_equal(maps_n, 1);
	assert_int_equal(gaps_n, 2);
	assert_string_equal(gaps[0]->gap->what, "mappings of process 42");
	assert_string_equal(gaps[1]->gap->what, "changed pages of process 42");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_maps),
		TEST(test_bad_maps),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

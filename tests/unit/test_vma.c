// SPDX-License-Identifier: Apache-2.0
/* Mappings by two witnesses: what they agree on, and what one hides. */
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "live/timed.h"
#include "live/vma_hidden.h"
#include "unit/scratch.h"
#include "unit/unit.h"

enum { PID = 42, WAIT_NS = 1000000000 };

/* The iterator, made up: it tells ${told} in the first ${rounds_max} rounds. */
static const struct live_vma told[] = {
	{ .start = 0x1000, .end = 0x3000, .pid = PID, .flags = 5 },
	{ .start = 0x5000, .end = 0x6000, .pid = PID, .flags = 7 },
	{ .start = 0x8000, .end = 0x9000, .pid = PID, .flags = 9 },
};
static const char maps_all[] = "1000-3000 r-xp 0 0:0 0\n"
			       "5000-6000 rwxp 0 0:0 0\n"
			       "8000-9000 r--s 0 0:0 0\n";
static const char maps_hidden[] = "1000-3000 r-xp 0 0:0 0\n"
				  "8000-9000 r--s 0 0:0 0\n"
				  "a000-b000 rw-p 0 0:0 0\n";
static int rounds, rounds_max;

struct vmas {
	size_t n;
};
static struct vmas vmas;

int vmas_see(struct vmas **ret, const struct live_config *config,
	struct live_seen *seen, struct err *e)
{
	(void)config;
	if (rounds_max < 0)
		return err_set(e, rounds_max, "refused");
	*seen = (struct live_seen){ 0 };
	vmas.n = rounds++ < rounds_max ? ARRAY_LEN(told) : 0;
	*ret = &vmas;
	return 0;
}

void vmas_free(struct vmas *v)
{
	(void)v;
}

size_t vmas_of(const struct live_vma **ret, const struct vmas *v, uint32_t pid)
{
	*ret = told;
	return pid == PID ? v->n : 0;
}

static void parse(struct maps *maps, const char *text)
{
	struct err e = { 0 };

	assert_ok(maps_parse(maps, text, strlen(text), &e), &e);
}

static void test_merge(void **state)
{
	struct maps maps = { 0 };
	struct err e = { 0 };

	(void)state;
	parse(&maps, maps_hidden);
	assert_int_equal(vmas_merge(&maps, told, ARRAY_LEN(told), &e), 1);
	assert_int_equal(maps.n, 4);
	assert_int_equal(maps.v[0].seen_by, LIVE_BY_ITERATOR | LIVE_BY_PROC);
	assert_int_equal(maps.v[1].start, 0x5000);
	assert_int_equal(maps.v[1].end, 0x6000);
	assert_int_equal(maps.v[1].seen_by, LIVE_BY_ITERATOR);
	assert_string_equal(maps.v[1].protection, "rwxp");
	assert_int_equal(maps.v[1].flags, MAPPING_RWX | MAPPING_ANON_EXEC);
	assert_int_equal(maps.v[2].seen_by, LIVE_BY_ITERATOR | LIVE_BY_PROC);
	assert_int_equal(maps.v[3].seen_by, LIVE_BY_PROC);
	/* Another protection is another mapping. */
	parse(&maps, "1000-3000 rw-p 0 0:0 0\n");
	assert_int_equal(vmas_merge(&maps, told, 1, &e), 1);
	assert_int_equal(maps.n, 2);
	maps_done(&maps);
}

/* How many are hidden, where /proc/42/maps says ${later} when it is asked
 * again; NULL = it is not there. */
static size_t ask(const char *later)
{
	char top[SCRATCH_CHARS], dir[SCRATCH_CHARS];
	struct live_config config = { 0 };
	struct vma_hidden h = { 0 };
	struct maps maps = { 0 };
	struct timed *timed = NULL;
	struct err e = { 0 };
	size_t n;
	int proc;

	rounds = 0;
	scratch_new(top);
	scratch_path(dir, top, "42");
	assert_int_equal(mkdir(dir, 0700), 0);
	if (later)
		scratch_write(dir, "maps", later, strlen(later));
	proc = open(top, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	parse(&maps, maps_hidden);
	assert_int_equal(vmas_merge(&maps, told, ARRAY_LEN(told), &e), 1);
	assert_ok(vma_hidden_note(&h, PID, &maps, &e), &e);
	assert_int_equal(h.n, 1);
	assert_ok(timed_new(&timed, WAIT_NS, &e), &e);
	assert_ok(vma_hidden_ask(&h, &config, timed, proc, &e), &e);
	n = h.n;
	if (n) {
		assert_int_equal(h.v[0].start, 0x5000);
		assert_int_equal(h.v[0].pid, PID);
	}
	timed_free(timed);
	maps_done(&maps);
	vma_hidden_done(&h);
	(void)close(proc);
	scratch_remove(top);
	return n;
}

static void test_hidden(void **state)
{
	(void)state;
	rounds_max = VMA_HIDDEN_ROUNDS;
	assert_int_equal(ask(maps_hidden), 1);
	assert_int_equal(rounds, VMA_HIDDEN_ROUNDS);
	/* /proc tells it after all, or nothing at all, or nonsense. */
	assert_int_equal(ask(maps_all), 0);
	assert_int_equal(rounds, 1);
	assert_int_equal(ask(NULL), 0);
	assert_int_equal(ask(""), 0);
	assert_int_equal(ask("nonsense\n"), 0);
	/* It went, the last time. */
	rounds_max = VMA_HIDDEN_ROUNDS - 1;
	assert_int_equal(ask(maps_hidden), 0);
	/* The iterator does not answer any more. */
	rounds_max = -ETIMEDOUT;
	assert_int_equal(ask(maps_hidden), 0);
}

static void test_limit(void **state)
{
	struct vma_hidden h = { 0 };
	struct maps maps = { 0 };
	struct mapping m = { .start = 1, .end = 2, .seen_by = LIVE_BY_ITERATOR };
	struct err e = { 0 };

	(void)state;
	for (int i = 0; i < 100; i++)
		assert_ok(maps_add(&maps, &m, &e), &e);
	for (int i = 0; i < VMA_HIDDEN_MAX / 100 + 2; i++)
		assert_ok(vma_hidden_note(&h, PID, &maps, &e), &e);
	assert_int_equal(h.n, VMA_HIDDEN_MAX);
	vma_hidden_done(&h);
	maps_done(&maps);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_merge),
		cmocka_unit_test(test_hidden),
		cmocka_unit_test(test_limit),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

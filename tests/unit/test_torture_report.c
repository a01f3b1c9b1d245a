// SPDX-License-Identifier: Apache-2.0
/*
 * Every call fails once while a custody report and a page are made of a
 * capture: an error with a sentence, no descriptor, no leak; and what is
 * made in spite of it is what is made without.
 */
#include <errno.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/io.h"
#include "base/log.h"
#include "lab/custody.h"
#include "lab/proofs.h"
#include "lab/records.h"
#include "report/memory_map.h"
#include "report/model.h"
#include "report/write.h"
#include "unit/evidence.h"
#include "unit/fault.h"
#include "unit/torture.h"
#include "unit/unit.h"

static struct lab_keys keys;
static char top[SCRATCH_CHARS], dir[SCRATCH_CHARS];
static atomic_bool interrupted;
static size_t custody_bytes, page_bytes; /* of the first, which is whole */

static int set_up(void **state)
{
	(void)state;
	log_set_level((enum log_level) - 1);
	evidence_take(top, dir, &keys, &interrupted);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	scratch_remove(top);
	return 0;
}

/* The same each time, or it is not told as made. */
static void expect_same(size_t *first, size_t bytes)
{
	if (!*first)
		*first = bytes;
	assert_int_equal(bytes, *first);
}

static int write_custody(const json_t *custody, struct err *e)
{
	AUTO_BUF struct buf text = { 0 };
	int r;

	buf_init(&text, CUSTODY_TEXT_BYTES);
	r = custody_text(&text, custody, e);
	if (r == 0)
		expect_same(&custody_bytes, text.len);
	return r;
}

static int custody_of(struct reader *r, struct err *e)
{
	const struct proofs_options none = { 0 };
	AUTO_JSON json_t *custody = NULL;
	struct proofs p = { 0 };
	int rc = proofs_check(&p, r, &none, e);

	if (rc < 0)
		return rc;
	custody = custody_json(r, &p, NULL);
	proofs_done(&p);
	return write_custody(custody, e);
}

static int make_custody(struct err *e)
{
	struct reader *r = NULL;
	int rc = reader_open(&r, dir, e);

	if (rc == 0)
		rc = reader_check(r, 1, e);
	/* What cannot be read is told as damage, and is another report. */
	if (rc == 0 && !r->findings_n)
		rc = custody_of(r, e);
	reader_close(r);
	return rc;
}

struct page {
	struct model model;
	struct memory_map memory;
};

static int see(void *arg, const struct reader_segment *s,
	const Icecore__V1__Record *m, struct err *e)
{
	struct page *p = arg;
	int r = model_add(&p->model, m, e);

	(void)s;
	return r < 0 ? r : memory_map_add(&p->memory, m, e);
}

static int write_page(const struct page *p, struct err *e)
{
	struct write_data data = { .model = &p->model, .memory = &p->memory };
	AUTO_JSON json_t *custody = json_pack("{s:s}", "verdict", "complete");
	AUTO_CLOSE int fd = memfd_create("page", MFD_CLOEXEC);
	int r;

	data.custody = custody;
	r = write_report(fd, &data, e);
	if (r == 0)
		expect_same(&page_bytes, (size_t)lseek(fd, 0, SEEK_END));
	return r;
}

static int fill(struct page *p, struct reader *r, struct err *e)
{
	const struct records_pass pass = { .keys = &keys, .see = see, .arg = p };
	AUTO_RANGES struct ranges ram = { 0 };
	int rc = reader_system_ram(r, &ram, e);

	if (rc == 0)
		rc = memory_map_init(&p->memory, &ram, e);
	if (rc == 0)
		rc = records_each(r, &pass, e);
	if (rc == 0 && !r->findings_n)
		rc = write_page(p, e);
	memory_map_done(&p->memory);
	return rc;
}

static int make_page(struct err *e)
{
	struct page p = { .model = { .n = 0 } };
	struct reader *r = NULL;
	int rc = reader_open(&r, dir, e);

	model_init(&p.model);
	if (rc == 0)
		rc = reader_check(r, 1, e);
	if (rc == 0 && !r->findings_n)
		rc = fill(&p, r, e);
	reader_close(r);
	model_done(&p.model);
	return rc;
}

static void test_custody(void **state)
{
	struct torture t = torture_run("custody", make_custody);

	(void)state;
	assert_true(t.calls > 50 && t.errors > 20);
}

static void test_page(void **state)
{
	struct torture t = torture_run("page", make_page);

	(void)state;
	assert_true(t.calls > 50 && t.errors > 20);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_custody, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_page, set_up, tear_down),
	};

	fault_hooks();
	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* Made-up tasks through a whole capture, and the records that come out; for the
 * tests of the collector process. */
#ifndef UNIT_PROCESS_FIXTURE_H
#define UNIT_PROCESS_FIXTURE_H

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>

#include "base/log.h"
#include "collect/collector.h"
#include "collect/maps_record.h"
#include "collect/process_record.h"
#include "lab/lab.h"
#include "lab/reader.h"
#include "unit/evidence.h"
#include "unit/fake_live.h"
#include "unit/unit.h"

/* In the order in which they are told. */
enum { ITERATOR = 1, PROC = 4, WITNESSES = 6 };

enum { MANY = PROCESS_THREADS_MAX + 7, PROCESSES_MAX = 40, GAPS_MAX = 8 };

static struct lab_keys keys;
static char top[SCRATCH_CHARS], dir[SCRATCH_CHARS], proc[SCRATCH_CHARS];
static atomic_bool interrupted;
static struct capture_plan plan;
static struct capture_result res;
static struct live_task tasks[MANY];

/* What was found. */
static Icecore__V1__Record *processes[PROCESSES_MAX], *gaps[GAPS_MAX], *view;
static Icecore__V1__Record *findings[GAPS_MAX];
static Icecore__V1__Record *maps[PROCESSES_MAX];
static size_t processes_n, gaps_n, maps_n, findings_n;

static const struct {
	Icecore__V1__Record__BodyCase kind;
	Icecore__V1__Record **v;
	size_t *n;
	size_t max;
} kept[] = {
	{ ICECORE__V1__RECORD__BODY_PROCESS, processes, &processes_n,
		PROCESSES_MAX },
	{ ICECORE__V1__RECORD__BODY_PROCESS_MAPS, maps, &maps_n, PROCESSES_MAX },
	{ ICECORE__V1__RECORD__BODY_GAP, gaps, &gaps_n, GAPS_MAX },
	{ ICECORE__V1__RECORD__BODY_FINDING, findings, &findings_n, GAPS_MAX },
};

static int set_up(void **state)
{
	struct err e = { 0 };

	(void)state;
	log_set_level(LOG_ERR);
	scratch_new(top);
	scratch_new(proc);
	evidence_dir(dir, top);
	evidence_fake_host(1);
	keys.n = 1;
	interrupted = false;
	fake_live = (struct fake_live){ .refuses = FAKE_LIVE_REFUSES };
	memset(tasks, 0, sizeof(tasks));
	assert_ok(age_identity_new(&keys.v[0], &e), &e);
	evidence_plan(&plan, top, &keys.v[0], &interrupted);
	plan.collectors[0] = collector_find("process");
	plan.live.proc = proc;
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	assert_int_equal(fake_live.open, 0);
	for (size_t k = 0; k < ARRAY_LEN(kept); k++)
		for (size_t i = 0; i < *kept[k].n; i++)
			record_free(kept[k].v[i]);
	record_free(view);
	view = NULL;
	processes_n = gaps_n = maps_n = findings_n = 0;
	scratch_remove(top);
	scratch_remove(proc);
	return 0;
}

static int keep(void *arg, const uint8_t *buf, size_t len, struct err *e)
{
	Icecore__V1__Record *m = NULL;

	(void)arg;
	assert_ok(record_decode(&m, buf, len, e), e);
	for (size_t k = 0; k < ARRAY_LEN(kept); k++)
		if (m->body_case == kept[k].kind) {
			assert_in_range(*kept[k].n, 0, kept[k].max - 1);
			kept[k].v[(*kept[k].n)++] = m;
			return 0;
		}
	if (m->body_case == ICECORE__V1__RECORD__BODY_LIVE_VIEW) {
		assert_null(view);
		view = m;
	} else {
		record_free(m);
	}
	return 0;
}

static void take(void)
{
	struct reader *r = NULL;
	struct err e = { 0 };

	assert_ok(capture_run(&res, &plan, &e), &e);
	assert_ok(reader_open(&r, dir, &e), &e);
	evidence_read(r, &keys, keep, NULL);
	reader_close(r);
}

static struct live_task make_task(uint32_t pid, uint32_t tid)
{
	return (struct live_task){ .pid = pid,
		.tid = tid,
		.start_boot_ns = 90000001,
		.seen_by = LIVE_BY_ITERATOR,
		.comm = "name\n\xff" };
}

static void write_proc(const char *name, const void *text, size_t len)
{
	char path[SCRATCH_CHARS];

	scratch_path(path, proc, "42");
	(void)mkdir(path, 0700);
	scratch_write(path, name, text, len);
}

static void assert_bytes(const ProtobufCBinaryData *b, const char *text)
{
	assert_int_equal(b->len, strlen(text));
	assert_memory_equal(b->data, text, b->len);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

#endif

// SPDX-License-Identifier: Apache-2.0
/* Every allocation and every call of what a watch remembers, of orders, of its
 * jobs and of its bell fails once. */
#include <errno.h>
#include <string.h>

#include <openssl/evp.h>

#include "base/buf.h"
#include "evidence/order.h"
#include "trigger/bell.h"
#include "unit/fault.h"
#include "unit/scratch.h"
#include "unit/torture.h"
#include "unit/unit.h"
#include "watch/job.h"
#include "watch/state.h"

static char top[SCRATCH_CHARS], path[SCRATCH_CHARS];
static EVP_PKEY *pkey;
static uint8_t keys[1][ORDER_KEY_BYTES];

/* What is there is as it was, or as it is now. */
static int remember(struct err *e)
{
	const struct trigger_event ev = { .key = "tag", .reason = "why" };
	struct state *s = NULL;
	bool damaged = false;
	int r = state_open(&s, path, &damaged, e);

	if (r < 0)
		return r;
	/* jansson does not always tell a lack of memory from bad text. */
	if (damaged) {
		state_close(s);
		return err_set(e, -EBADMSG, "damaged");
	}
	if (!state_find(s, "ec2", "tag"))
		assert_non_null(state_add(s, "ec2", &ev));
	(void)state_use_order(s, 7, 2000000000, 0);
	r = state_save(s, e);
	state_close(s);
	return r;
}

static int order(struct err *e)
{
	const struct order o = { .id = 1,
		.not_before = 1000,
		.not_after = 2000,
		.is_for_any = 1,
		.case_name = "C",
		.recipients_n = 1 };
	AUTO_BUF struct buf text = { 0 };
	struct order back;
	int r;

	buf_init(&text, ORDER_TEXT_CHARS);
	r = order_sign(&text, &o, pkey, e);
	if (r == 0 && !buf_string(&text, e))
		return -ENOMEM;
	return r < 0 ? r : order_open(&back, (const char *)text.data, keys, 1, e);
}

static int queue(struct err *e)
{
	static struct job j;
	struct jobs jobs = { .n = 0 };
	int r = 0;

	for (int i = 0; r == 0 && i < 5; i++) {
		(void)snprintf(j.case_name, sizeof(j.case_name), "case %d", i);
		r = jobs_add(&jobs, &j, e);
	}
	free(jobs_take(&jobs));
	jobs_done(&jobs);
	return r;
}

static int ring(struct err *e)
{
	const struct trigger_event ev = { .key = "tag" };
	struct bell_message m;
	struct bell *b = NULL;
	struct feed *f = NULL;
	int r = bell_new(&b, e);

	if (r == 0)
		r = bell_feed(&f, b, "ec2", e);
	if (r == 0) {
		feed_ring(f, &ev);
		assert_true(bell_next(b, &m));
		feed_answer(f, "tag", TRIGGER_DONE, "{}");
	}
	bell_free(b);
	return r;
}

static void all(void **state)
{
	static const struct {
		const char *name;
		torture_operation *run;
	} table[] = {
		{ "state", remember },
		{ "order", order },
		{ "jobs", queue },
		{ "bell", ring },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(table); i++)
		assert_true(torture_run(table[i].name, table[i].run).errors > 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(all) };
	size_t len = ORDER_KEY_BYTES;
	int failed;

	fault_hooks();
	scratch_new(top);
	scratch_path(path, top, "state.json");
	pkey = EVP_PKEY_Q_keygen(NULL, NULL, "ED25519");
	if (EVP_PKEY_get_raw_public_key(pkey, keys[0], &len) != 1)
		return 1;
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	EVP_PKEY_free(pkey);
	scratch_remove(top);
	return failed;
}

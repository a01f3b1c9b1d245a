// SPDX-License-Identifier: Apache-2.0
/*
 * Every allocation and every call of the net floor fails once, in a network
 * namespace of its own.
 */
#include <errno.h>
#include <sched.h>
#include <unistd.h>

#include "live/file.h"
#include "live/source.h"
#include "net/route.h"
#include "net/rules.h"
#include "net/sock_bpf.h"
#include "net/sock_look.h"
#include "unit/fault.h"
#include "unit/torture.h"
#include "unit/unit.h"

static int see_sockets(struct err *e)
{
	static struct sock_look l;
	struct sock_asked asked = { .leave_out = NET_BY_ITERATOR };
	int r = sock_look(&l, &asked, e);

	sock_look_done(&l);
	return r;
}

static int see_rest(struct err *e)
{
	static struct rules_dump rules;
	static struct route_dump route;
	int r = route_look(&route, e);

	if (r == 0)
		r = rules_look(&rules, e);
	route_done(&route);
	rules_done(&rules);
	return r;
}

static int see_held(struct err *e)
{
	struct net_held held = { 0 };
	struct net_bpf *b = NULL;
	int r = net_bpf_open(&b, e);

	if (r == 0)
		r = net_bpf_held(&held, b, e);
	net_held_done(&held);
	net_bpf_close(b);
	return r;
}

static int see_files(struct err *e)
{
	uint32_t self = (uint32_t)getpid();
	struct live_config config = { .pids = &self, .pids_n = 1 };
	struct live_files fs;
	int r;

	live_files_init(&fs);
	r = live_files_bpf(&fs, &config, e);
	live_files_done(&fs);
	return r;
}

static void sockets(void **state)
{
	(void)state;
	assert_true(torture_run("sockets", see_sockets).calls > 0);
}

static void rest(void **state)
{
	(void)state;
	assert_true(torture_run("rest", see_rest).calls > 0);
}

static void held(void **state)
{
	(void)state;
	assert_true(torture_run("held", see_held).calls > 0);
}

static void files(void **state)
{
	(void)state;
	assert_true(torture_run("files", see_files).calls > 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sockets),
		cmocka_unit_test(rest),
		cmocka_unit_test(held),
		cmocka_unit_test(files),
	};

	if (unshare(CLONE_NEWNET) < 0)
		return 0;
	fault_hooks();
	return cmocka_run_group_tests(tests, NULL, NULL);
}

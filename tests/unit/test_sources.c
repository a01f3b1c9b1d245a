// SPDX-License-Identifier: Apache-2.0
/* The sources that ask nobody: files, what can be reached, and the recorder's
 * words; and settings by their tables. */
#include <errno.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "trigger/detection.h"
#include "trigger/path.h"
#include "trigger/route.h"
#include "unit/scratch.h"
#include "unit/source_fixture.h"

static char top[SCRATCH_CHARS];
static struct source_fixture s;

static int set_up(void **state)
{
	(void)state;
	scratch_new(top);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	scratch_remove(top);
	return 0;
}

/* What is there rings at each look: the first message that is otherwise. */
static void next(struct bell_message *ret, enum bell_what what, const char *part)
{
	do
		source_next(&s, ret);
	while (ret->what != what || !strstr(ret->event.reason, part));
}

static void files(void **state)
{
	char dir[SCRATCH_CHARS], file[SCRATCH_CHARS], link_at[SCRATCH_CHARS];
	const struct trigger_path_settings set = { .path = { .v = { dir, file },
							   .n = 2 } };
	struct bell_message m;

	(void)state;
	scratch_path(dir, top, "drop");
	scratch_path(file, top, "isolate");
	scratch_path(link_at, dir, "link");
	assert_int_equal(mkdir(dir, 0700), 0);
	scratch_write(dir, ".hidden", "no", 2);
	scratch_write(dir, "first", "SG swapped\nmore", 15);
	source_new(&s, &trigger_path, &set);
	source_begin(&s);
	next(&m, BELL_RING, "first: SG swapped");
	scratch_write(top, "isolate", "ico1.abc\n", 9);
	next(&m, BELL_RING, "isolate");
	assert_string_equal(m.event.order, "ico1.abc");
	assert_int_equal(symlink("first", link_at), 0);
	/* A link is not written; what is, lets it be seen at once. */
	scratch_write(dir, "second", "", 0);
	next(&m, BELL_REFUSE, "without following a link");
	assert_int_equal(unlink(file), 0);
	next(&m, BELL_GONE, "");
	assert_non_null(strstr(m.event.key, "isolate"));
	assert_int_equal(source_end(&s), 0);
}

static void files_of_others(void **state)
{
	char file[SCRATCH_CHARS], dir[SCRATCH_CHARS];
	const struct trigger_path_settings set = { .path = { .v = { file, dir },
							   .n = 2 } };
	struct bell_message m;
	char longer[2000];

	(void)state;
	scratch_path(file, top, "theirs");
	scratch_path(dir, top, "dir");
	scratch_write(top, "theirs", "x", 1);
	assert_int_equal(chmod(file, 0666), 0);
	assert_int_equal(mkdir(dir, 0700), 0);
	source_new(&s, &trigger_path, &set);
	source_begin(&s);
	next(&m, BELL_REFUSE, "others than its owner");
	memset(longer, 'o', sizeof(longer));
	scratch_write(dir, "long", longer, sizeof(longer));
	next(&m, BELL_REFUSE, "longer than an order");
	assert_int_equal(source_end(&s), 0);
}

static int listen_some(uint16_t *port)
{
	struct sockaddr_in at = { .sin_family = AF_INET,
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t len = sizeof(at);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	assert_true(fd >= 0);
	assert_int_equal(bind(fd, (struct sockaddr *)&at, sizeof(at)), 0);
	assert_int_equal(listen(fd, 64), 0);
	assert_int_equal(getsockname(fd, (struct sockaddr *)&at, &len), 0);
	*port = ntohs(at.sin_port);
	return fd;
}

/* Nothing on loopback is unreachable but in a namespace of its own, which is
 * scenario/isolation's: here, that what can be reached is no trigger, whether
 * it takes or refuses connections. */
static void reached(void **state)
{
	char open_at[32], closed_at[32];
	const struct trigger_route_settings set = {
		.reachable = { .v = { closed_at }, .n = 1 },
		.evidence = open_at,
		.poll_ms = 20,
		.timeout_ms = 1000,
		.rounds = 1,
	};
	uint16_t port, other;
	int fd = listen_some(&port), gone = listen_some(&other);
	struct bell_message m;

	(void)state;
	(void)close(gone);
	(void)snprintf(open_at, sizeof(open_at), "127.0.0.1:%u", port);
	(void)snprintf(closed_at, sizeof(closed_at), "127.0.0.1:%u", other);
	source_new(&s, &trigger_route, &set);
	source_begin(&s);
	source_says(&s, FEED_WAITING, "1 of 1 reached");
	assert_false(bell_next(s.bell, &m));
	assert_int_equal(source_end(&s), 0);
	(void)close(fd);
}

static void set_one(const struct trigger_kind *kind, void *to, const char *name,
	const char *value, int code, const char *part)
{
	static char text[256];
	struct err e = { 0 };

	(void)snprintf(text, sizeof(text), "%s", value);
	if (code == 0)
		assert_ok(trigger_key_set(to, kind, name, text, &e), &e);
	else
		assert_err(trigger_key_set(to, kind, name, text, &e), code, &e,
			part);
}

static void settings(void **state)
{
	struct trigger_route_settings set =
		*(const struct trigger_route_settings *)trigger_route.defaults;
	const struct trigger_kind *kind = &trigger_route;
	struct err e = { 0 };

	(void)state;
	assert_ptr_equal(trigger_kind_find("route"), kind);
	assert_null(trigger_kind_find("nosuch"));
	assert_err(kind->check(&set, &e), -EINVAL, &e, "nothing to lose");
	set_one(kind, &set, "nosuch", "1", -ENOENT, "nosuch");
	set_one(kind, &set, "rounds", "0", -EINVAL, "1 to 100");
	set_one(kind, &set, "rounds", "1e3", -EINVAL, "1 to 100");
	set_one(kind, &set, "rounds", "7", 0, "");
	assert_int_equal(set.rounds, 7);
	set_one(kind, &set, "reachable", " 10.0.0.2:53 ,\t[fe80::1]:443,,", 0,
		"");
	assert_int_equal(set.reachable.n, 2);
	assert_string_equal(set.reachable.v[0], "10.0.0.2:53");
	assert_string_equal(set.reachable.v[1], "[fe80::1]:443");
	assert_ok(kind->check(&set, &e), &e);
	set.evidence = "s3.example:443";
	assert_err(kind->check(&set, &e), -EINVAL, &e, "numeric");
	set.evidence = "10.0.0.1";
	assert_err(kind->check(&set, &e), -EINVAL, &e, "ADDRESS:PORT");
	set_one(kind, &set, "reachable",
		"1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17", -EINVAL,
		"more than 16");
	assert_int_equal(set.reachable.n, 2);
}

static void detections(void **state)
{
	struct trigger_detection_settings set = { .per_hour = 1 };
	const struct trigger_kind *kind = &trigger_detection;
	struct err e = { 0 };

	(void)state;
	assert_err(kind->check(&set, &e), -EINVAL, &e, "nothing to detect");
	set.on = (struct trigger_words){ .v = { "exec-memfd", "module" }, .n = 2 };
	assert_ok(kind->check(&set, &e), &e);
	set.on.v[1] = "sorcery";
	assert_err(kind->check(&set, &e), -EINVAL, &e, "'sorcery'");
	set.on.v[1] = "module";
	source_new(&s, kind, &set);
	source_begin(&s);
	assert_int_equal(source_end(&s), -ENODEV);
	assert_string_equal(s.why.msg, "no flight recorder runs");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(files, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
			files_of_others, set_up, tear_down),
		cmocka_unit_test(reached),
		cmocka_unit_test(settings),
		cmocka_unit_test(detections),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

// SPDX-License-Identifier: Apache-2.0
/* Names of the kubelet's logs, and a directory of them. */
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "live/pods.h"
#include "unit/scratch.h"
#include "unit/unit.h"

#define ID  "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
#define UID "6ddae09b-dd67-4a72-9b71-a1a2a3a4a5a6"

static void test_parse(void **state)
{
	static const char *const bad[] = { "", "_", "a_b", "__", "A_b_c",
		"a_B_c", "a_b_", "_b_c", "a/_b_c", "a_b\n_c",
		"a_b_0123456789012345678901234567890123456789012345678" };
	struct pod p;

	(void)state;
	assert_int_equal(pods_parse(&p, "kube-system_dns-5.x_" UID), 0);
	assert_string_equal(p.namespace, "kube-system");
	assert_string_equal(p.name, "dns-5.x");
	assert_string_equal(p.uid, UID);
	for (size_t i = 0; i < ARRAY_LEN(bad); i++)
		assert_int_equal(pods_parse(&p, bad[i]), -1);
}

static void test_parse_container(void **state)
{
	static const char *const bad[] = { "", ".log", "a_b_c.log",
		"a_b_c-.log", "a_b_c-xyz.log", "a_b-00.log", "a_b_c-00",
		"_b_c-00.log", "a-b_c_d.log", "a_b_c-00.txt" };
	struct pod_container c;

	(void)state;
	assert_int_equal(
		pods_parse_container(&c, "front.1_web_proxy-x-" ID ".log"), 0);
	assert_string_equal(c.pod, "front.1");
	assert_string_equal(c.namespace, "web");
	assert_string_equal(c.name, "proxy-x");
	assert_string_equal(c.id, ID);
	for (size_t i = 0; i < ARRAY_LEN(bad); i++)
		assert_int_equal(pods_parse_container(&c, bad[i]), -1);
}

static void make(const char *top, const char *path)
{
	char at[SCRATCH_CHARS];

	scratch_path(at, top, path);
	assert_int_equal(mkdir(at, 0700), 0);
}

static void test_read(void **state)
{
	char top[SCRATCH_CHARS];
	struct pods p = { 0 };
	struct err e = { 0 };
	int fd;

	(void)state;
	scratch_new(top);
	fd = open(top, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	assert_ok(pods_read(&p, fd, &e), &e);
	assert_null(pods_find(&p, UID));
	assert_null(pods_container(&p, ID));
	make(top, "1");
	make(top, "1/root");
	make(top, "1/root/var");
	make(top, "1/root/var/log");
	make(top, "1/root/var/log/pods");
	make(top, "1/root/var/log/containers");
	assert_ok(pods_read(&p, fd, &e), &e);
	make(top, "1/root/var/log/pods/web_front_" UID);
	make(top, "1/root/var/log/pods/web_other_0-0");
	make(top, "1/root/var/log/pods/no pod");
	make(top, "1/root/var/log/containers/front_web_proxy-" ID ".log");
	assert_ok(pods_read(&p, fd, &e), &e);
	(void)close(fd);
	assert_int_equal(p.pods_n, 2);
	assert_string_equal(pods_find(&p, UID)->name, "front");
	assert_string_equal(pods_find(&p, "0-0")->name, "other");
	assert_null(pods_find(&p, "1"));
	assert_string_equal(pods_container(&p, ID)->name, "proxy");
	assert_null(pods_container(&p, "0"));
	pods_done(&p);
	scratch_remove(top);
}

static void test_limit(void **state)
{
	char top[SCRATCH_CHARS], name[64];
	struct pods p = { 0 };
	struct err e = { 0 };
	int fd;

	(void)state;
	scratch_new(top);
	make(top, "1");
	make(top, "1/root");
	make(top, "1/root/var");
	make(top, "1/root/var/log");
	make(top, "1/root/var/log/pods");
	for (int i = 0; i < PODS_MAX + 10; i++) {
		(void)snprintf(
			name, sizeof(name), "1/root/var/log/pods/n_p_%d", i);
		make(top, name);
	}
	fd = open(top, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	assert_ok(pods_read(&p, fd, &e), &e);
	(void)close(fd);
	assert_int_equal(p.pods_n, PODS_MAX);
	pods_done(&p);
	scratch_remove(top);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_parse),
		cmocka_unit_test(test_parse_container),
		cmocka_unit_test(test_read),
		cmocka_unit_test(test_limit),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

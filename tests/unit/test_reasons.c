// SPDX-License-Identifier: Apache-2.0
/* What is a reason, and what is none; and what is made of scripts and words. */
#include <string.h>

#include "binary/elf_traits.h"
#include "binary/measure.h"
#include "binary/reasons.h"
#include "binary/script.h"
#include "unit/unit.h"

/* The weight of ${rule} for ${f}; 0 = it says nothing. */
static unsigned weight(const struct reasons_facts *f, const char *rule)
{
	struct reasons r;

	reasons_find(&r, f);
	for (size_t i = 0; i < r.n; i++) {
		assert_true(!i || r.v[i - 1].weight >= r.v[i].weight);
		if (strcmp(r.v[i].rule, rule) == 0)
			return r.v[i].weight;
	}
	return 0;
}

static unsigned score(const struct reasons_facts *f)
{
	struct reasons r;

	reasons_find(&r, f);
	return r.score;
}

/* Rules, each with what makes it speak. */
static const struct {
	const char *rule;
	struct reasons_facts facts;
} cases[] = {
	{ "memfd", { .seen = SEEN_EXECUTED | SEEN_MEMFD } },
	{ "deleted", { .seen = SEEN_EXECUTED | SEEN_DELETED, .path = "/x" } },
	{ "temporary-place", { .seen = SEEN_EXECUTED,
				     .path = "/tmp/x",
				     .packages = true,
				     .state = DISK_UNOWNED } },
	{ "temporary-place", { .seen = SEEN_SCRIPT, .path = "/dev/shm/x" } },
	{ "upper-layer", { .seen = SEEN_EXECUTED | SEEN_UPPER_LAYER } },
	{ "unowned-system", { .seen = SEEN_MAPPED,
				    .path = "/usr/lib/x.so",
				    .packages = true,
				    .state = DISK_UNOWNED } },
	{ "package-changed", { .seen = SEEN_EXECUTED,
				     .path = "/usr/bin/x",
				     .packages = true,
				     .state = DISK_CHANGED,
				     .package = "p" } },
	{ "set-id", { .seen = SEEN_EXECUTED,
			    .path = "/opt/x",
			    .mode = 0104755,
			    .packages = true,
			    .state = DISK_UNOWNED } },
	{ "reverse-shell", { .seen = SEEN_EXECUTED | SEEN_STDIO_SOCKET,
				   .path = "/usr/bin/bash",
				   .packages = true,
				   .state = DISK_AS_PACKAGED } },
	{ "kernel-name",
		{ .seen = SEEN_EXECUTED | SEEN_KERNEL_NAME, .path = "/x" } },
	{ "preloaded",
		{ .seen = SEEN_MAPPED | SEEN_PRELOADED, .path = "/opt/x.so" } },
};

static void rules(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct reasons_facts f = cases[i].facts;

		f.entropy = -1;
		if (weight(&f, cases[i].rule) < REASONS_THRESHOLD)
			fail_msg("%s says nothing", cases[i].rule);
	}
}

static void clean(void **state)
{
	static struct elf_traits elf = { .odd = ELF_WX_SEGMENT | ELF_NO_SECTIONS |
						ELF_ENTRY_WRITABLE };
	struct reasons_facts f = { .path = "/usr/bin/x",
		.seen = SEEN_EXECUTED | SEEN_BUSY,
		.mode = 0104755,
		.packages = true,
		.state = DISK_AS_PACKAGED,
		.package = "p",
		.elf = &elf,
		.entropy = 7900 };

	(void)state;
	assert_int_equal(score(&f), 0);
	/* The same of no package is one. */
	f.state = DISK_UNOWNED;
	f.package = NULL;
	assert_true(score(&f) >= REASONS_HIGH);
	/* A service that goes on after an upgrade is not. */
	f = (struct reasons_facts){ .path = "/usr/bin/x",
		.seen = SEEN_EXECUTED | SEEN_DELETED,
		.packages = true,
		.state = DISK_CHANGED,
		.entropy = -1 };
	assert_true(score(&f) < REASONS_THRESHOLD);
	/* Nor is a system without packages that we know. */
	f = (struct reasons_facts){
		.path = "/usr/bin/x", .seen = SEEN_EXECUTED, .entropy = 6000
	};
	assert_int_equal(score(&f), 0);
}

static void words(void **state)
{
	static const char text[] = "pool stratum+tcp://x mining.subscribe UPX!";
	struct reasons_facts f = { .path = "/opt/x",
		.seen = SEEN_EXECUTED | SEEN_BUSY,
		.is_script = true,
		.entropy = -1 };
	struct measure *m = NULL;
	struct err e = { 0 };

	(void)state;
	assert_ok(measure_new(&m, sizeof(text), &e), &e);
	assert_int_equal(measure_part(m, 0, 4), 0);
	assert_int_equal(measure_part(m, 0, sizeof(text) + 1), -1);
	for (size_t i = 0; i < sizeof(text); i++)
		measure_see(m, i, (const uint8_t *)text + i, 1);
	assert_int_equal(measure_marks(m), MEASURE_UPX | MEASURE_MINER);
	assert_string_equal(measure_word(m, MEASURE_MINER), "stratum+tcp://");
	/* p, o, o, l: one and a half bits. */
	assert_int_equal(measure_entropy(m, 0), 1500);
	f.measure = m;
	assert_true(weight(&f, "miner") >= REASONS_THRESHOLD);
	assert_true(weight(&f, "miner-busy"));
	measure_free(m);
}

static void scripts(void **state)
{
	static const struct {
		const char *path;
		const char argv[64];
		size_t len;
		const char *script;
	} argvs[] = {
		{ "/bin/sh", "sh\0/x.sh\0", 9, "/x.sh" },
		{ "/bin/bash", "bash\0-x\0-o\0posix\0y\0", 19, "y" },
		{ "/bin/bash", "bash\0-c\0echo\0", 13, NULL },
		{ "/usr/bin/python3.11", "python3\0-u\0-W\0ignore\0a.py\0b\0",
			28, "a.py" },
		{ "/usr/bin/python3", "python3\0-m\0http.server\0", 23, NULL },
		{ "/usr/bin/python3 (deleted)", "p\0a.py\0", 7, "a.py" },
		{ "/usr/bin/perl", "perl\0-we\0die\0", 13, NULL },
		{ "/bin/cat", "cat\0/x\0", 7, NULL },
		{ "/bin/sh", "sh\0/x.sh", 8, NULL },
		{ "/bin/sh", "sh\0-\0/x\0", 8, NULL },
	};
	struct script s;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(argvs); i++) {
		const char *got = script_argument(
			argvs[i].path, argvs[i].argv, argvs[i].len);

		if (!argvs[i].script)
			assert_null(got);
		else
			assert_string_equal(got, argvs[i].script);
	}
	assert_true(script_read(&s, "#! /usr/bin/env python3\nx", 25));
	assert_string_equal(s.interpreter, "/usr/bin/env");
	assert_string_equal(s.line, " /usr/bin/env python3");
	assert_false(script_read(&s, "\177ELF", 4));
	assert_true(script_is_shell("/usr/bin/dash"));
	assert_false(script_is_shell("/usr/bin/python3"));
	assert_false(script_is_interpreter("/usr/sbin/sshd"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(rules),
		cmocka_unit_test(clean),
		cmocka_unit_test(words),
		cmocka_unit_test(scripts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

// SPDX-License-Identifier: Apache-2.0
#include <errno.h>
#include <fcntl.h>

#include "base/io.h"
#include "memory/module.h"
#include "unit/unit.h"

/* The strings of .modinfo, each with its NUL. */
#define ELF "\177ELF"
static const char other[] =
	ELF "...\0license=GPL\0"
	    "vermagic=5.10.0-1-amd64 SMP mod_unload \0name=icecore";
static const char same[] = ELF "\0vermagic=6.1.0-test SMP mod_unload ";
static const char decoy[] = ELF "\0notvermagic=1\0vermagic=6.1.0-test SMP";
static const char none[] = ELF "\0license=GPL\0xvermagic=6.1.0-test SMP";
static const char packed[] = "\375"
			     "7zXZ";

static const struct {
	const char *image;
	size_t len;
	const char *vermagic; /* NULL = none */
} images[] = {
	{ other, sizeof(other) - 1, "5.10.0-1-amd64" },
	{ same, sizeof(same) - 1, "6.1.0-test" },
	{ decoy, sizeof(decoy) - 1, "6.1.0-test" },
	{ none, sizeof(none) - 1, NULL },
	{ packed, sizeof(packed) - 1, NULL },
	{ "", 0, NULL },
	{ "vermagic=", 9, NULL },
	{ "vermagic= SMP", 13, NULL },
};

static void test_vermagic(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(images); i++) {
		char got[MODULE_VERMAGIC_BYTES] = "";
		int r = module_vermagic(
			got, (const uint8_t *)images[i].image, images[i].len);

		assert_int_equal(r, images[i].vermagic ? 0 : -ENOENT);
		assert_string_equal(
			got, images[i].vermagic ? images[i].vermagic : "");
	}
}

/* A release that is longer than any is not cut, it is none. */
static void test_long_vermagic(void **state)
{
	char image[sizeof("vermagic=") - 1 + MODULE_VERMAGIC_BYTES];
	char got[MODULE_VERMAGIC_BYTES] = "";

	(void)state;
	memset(image, 'x', sizeof(image));
	memcpy(image, "vermagic=", sizeof("vermagic=") - 1);
	assert_int_equal(
		module_vermagic(got, (const uint8_t *)image, sizeof(image)),
		-ENOENT);
	assert_int_equal(
		module_vermagic(got, (const uint8_t *)image, sizeof(image) - 1),
		0);
	assert_int_equal(strlen(got), MODULE_VERMAGIC_BYTES - 1);
}

static const struct {
	int code;
	enum lockdown lockdown;
	const char *image;
	size_t len;
	const char *message;
} refusals[] = {
	{ -ENOEXEC, LOCKDOWN_NONE, other, sizeof(other) - 1,
		"module m.ko is for kernel 5.10.0-1-amd64, this is 6.1.0-test (build it for this one)" },
	{ -ENOEXEC, LOCKDOWN_NONE, same, sizeof(same) - 1,
		"module m.ko is for another build of kernel 6.1.0-test (vermagic or symbol versions differ)" },
	{ -ENOEXEC, LOCKDOWN_NONE, none, sizeof(none) - 1,
		"m.ko is no kernel module" },
	{ -ENOEXEC, LOCKDOWN_NONE, packed, sizeof(packed) - 1,
		"module m.ko is no ELF file (compressed?)" },
	{ -ENOEXEC, LOCKDOWN_NONE, "", 0,
		"module m.ko is no ELF file (compressed?)" },
	{ -EKEYREJECTED, LOCKDOWN_NONE, same, sizeof(same) - 1,
		"module m.ko is not signed with a key that this kernel trusts" },
	{ -EPERM, LOCKDOWN_UNKNOWN, same, sizeof(same) - 1,
		"not allowed to load module m.ko (needs CAP_SYS_MODULE and kernel.modules_disabled=0)" },
	{ -EPERM, LOCKDOWN_NONE, same, sizeof(same) - 1,
		"not allowed to load module m.ko (needs CAP_SYS_MODULE and kernel.modules_disabled=0)" },
	{ -EPERM, LOCKDOWN_INTEGRITY, same, sizeof(same) - 1,
		"kernel lockdown is integrity: module m.ko must be signed with a key that this kernel trusts" },
	{ -EPERM, LOCKDOWN_CONFIDENTIALITY, same, sizeof(same) - 1,
		"kernel lockdown is confidentiality: module m.ko must be signed with a key that this kernel trusts" },
	{ -ENOENT, LOCKDOWN_NONE, same, sizeof(same) - 1,
		"module m.ko needs symbols that kernel 6.1.0-test does not have" },
	{ -ENOSYS, LOCKDOWN_NONE, same, sizeof(same) - 1,
		"this kernel loads no modules" },
	{ -EFBIG, LOCKDOWN_NONE, same, sizeof(same) - 1,
		"load module m.ko: File too large" },
};

static void test_refusals(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(refusals); i++) {
		struct module_facts facts = { .path = "m.ko",
			.image = (const uint8_t *)refusals[i].image,
			.len = refusals[i].len,
			.release = "6.1.0-test",
			.lockdown = refusals[i].lockdown };
		struct err e = { 0 };

		assert_int_equal(module_refusal(&e, refusals[i].code, &facts),
			refusals[i].code);
		assert_string_equal(e.msg, refusals[i].message);
	}
}

static void test_lockdown(void **state)
{
	(void)state;
	assert_int_equal(lockdown_parse("[none] integrity confidentiality\n"),
		LOCKDOWN_NONE);
	assert_int_equal(lockdown_parse("none [integrity] confidentiality\n"),
		LOCKDOWN_INTEGRITY);
	assert_int_equal(lockdown_parse("none integrity [confidentiality]\n"),
		LOCKDOWN_CONFIDENTIALITY);
	assert_int_equal(lockdown_parse(""), LOCKDOWN_UNKNOWN);
	assert_int_equal(lockdown_parse("none integrity"), LOCKDOWN_UNKNOWN);
}

/* Whatever this kernel says of a file that is no module, it is refused. */
static void test_fake_file(void **state)
{
	char path[] = "/tmp/icecore-module.XXXXXX";
	AUTO_CLOSE int fd = mkostemp(path, O_CLOEXEC);
	struct err e = { 0 };
	int r;

	(void)state;
	assert_true(fd >= 0);
	assert_int_equal(io_write(fd, none, sizeof(none), &e), 0);
	r = module_load(path, &e);
	assert_int_equal(unlink(path), 0);
	assert_true(r < 0);
	assert_non_null(strstr(e.msg, "module"));
	assert_int_equal(module_load(path, &e), -ENOENT);
	assert_string_equal(
		strstr(e.msg, ": No such"), ": No such file or directory");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_vermagic),
		cmocka_unit_test(test_long_vermagic),
		cmocka_unit_test(test_refusals),
		cmocka_unit_test(test_lockdown),
		cmocka_unit_test(test_fake_file),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

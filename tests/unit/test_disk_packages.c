// SPDX-License-Identifier: Apache-2.0
/* Databases of packages beside dpkg's and rpm's: apk, pip, ucf; and odd entries. */
#include <sys/sysmacros.h>

#include "base/buf.h"
#include "disk/apk.h"
#include "disk/base64.h"
#include "disk/odd.h"
#include "disk/python.h"
#include "disk/verify.h"
#include "unit/disk_tree.h"

#define MD5_CONTENT    "9a0364b9e99bb480dd25e1f0284c8555"
#define SHA1_CONTENT   "Q1BA8G/XdAkkeNRQd09bowxdp4rMg="
#define SHA256_CONTENT "7XACtDnprIRfIjV9giusFERzD722AW0-yUMil7nsn3M"

static void test_base64(void **state)
{
	static const char *const bad[] = { "", "QUI", "QUJDRA", "QU*D", "QUJ=D" };
	uint8_t bytes[3];

	(void)state;
	assert_true(base64_decode(bytes, 3, slice_of("QUJD")));
	assert_memory_equal(bytes, "ABC", 3);
	assert_true(base64_decode(bytes, 3, slice_of("__-_")));
	assert_memory_equal(bytes, "\xff\xff\xbf", 3);
	assert_true(base64_decode(bytes, 1, slice_of("QQ==")));
	for (size_t i = 0; i < ARRAY_LEN(bad); i++)
		assert_false(base64_decode(bytes, 3, slice_of(bad[i])));
}

static void test_record_line(void **state)
{
	static const char *const bad[] = { "", "a", "a,", ",sha256=x,1",
		"a,sha256=AAAA,1", "\"a,,", "\"a\"x,," };
	struct python_line v;

	(void)state;
	assert_int_equal(python_record_line(&v,
				 slice_of("m/a.py,sha256=" SHA256_CONTENT ",7")),
		0);
	assert_true(slice_is(v.path, "m/a.py") && v.has_sha256);
	assert_int_equal(v.sha256[0], 0xed);
	assert_int_equal(python_record_line(&v, slice_of("m/b.pyc,,")), 0);
	assert_false(v.has_sha256);
	assert_int_equal(python_record_line(&v, slice_of("\"a,\"\"b\",,")), 0);
	assert_true(slice_is(v.path, "a,\"\"b") && v.quoted);
	for (size_t i = 0; i < ARRAY_LEN(bad); i++)
		assert_int_equal(
			python_record_line(&v, slice_of(bad[i])), -EBADMSG);
}

/* DEVIATION CLASS PATH PACKAGE */
static int see(void *arg, const struct verify_verdict *v, struct err *e)
{
	struct buf *b = arg;

	return buf_text(b, e, "%d %d %s %d\n", v->deviation, v->class, v->path,
		v->package);
}

static int see_odd(void *arg, enum odd_kind kind, const char *path, struct err *e)
{
	return buf_text(arg, e, "%d %s\n", (int)kind, path);
}

/* What is wrong with the disk in ${top}. */
static void expect(const char *top, const char *want, const char *odd, int misses)
{
	struct disk_target target = { top, DISK_ALLOW_WRITABLE };
	struct tree_misses m = { 0 };
	struct picture_config config = { .target = &target,
		.digest = { .threads = 1 },
		.miss = tree_miss,
		.arg = &m };
	AUTO_BUF struct buf b = { 0 };
	struct picture p;
	struct err e = { 0 };

	buf_init(&b, 4096);
	assert_ok(picture_take(&p, &config, &e), &e);
	assert_ok(verify_run(&p, see, &b, &e), &e);
	assert_string_equal(buf_string(&b, &e), want);
	b.len = 0;
	assert_ok(odd_run(&p, see_odd, &b, &e), &e);
	assert_string_equal(b.len ? buf_string(&b, &e) : "", odd);
	if (m.n != misses)
		fail_msg("%d misses, the last %s: %s", m.n, m.last, m.reason);
	picture_done(&p);
}

static void make_link(const char *top, const char *path, const char *target)
{
	char at[SCRATCH_CHARS];

	scratch_path(at, top, path);
	assert_int_equal(symlink(target, at), 0);
}

static void test_apk(void **state)
{
	char top[SCRATCH_CHARS], at[SCRATCH_CHARS];

	(void)state;
	scratch_new(top);
	tree_mkdir(top, "lib/apk/db");
	tree_mkdir(top, "bin");
	tree_mkdir(top, "etc");
	tree_write(top, "lib/apk/db/installed",
		"C:Q1x\nP:busybox\nV:1.36\nA:x86_64\nF:bin\nR:busybox\n"
		"a:0:0:755\nZ:" SHA1_CONTENT "\nR:changed\nZ:" SHA1_CONTENT
		"\nR:sh\nZ:Q1BA8G/XdAkkeNRQd09bowxdp4rMg=\nR:gone\nF:etc\n"
		"R:conf\nZ:" SHA1_CONTENT "\n\nP:empty\nV:1\n\n"
		"nonsense\nP:bad\nF:..\nR:x\nF:bin\nZ:Q9\n");
	tree_write(top, "bin/busybox", "content");
	tree_write(top, "bin/changed", "#!/bin/sh");
	tree_write(top, "bin/mine", "\177ELF");
	tree_write(top, "etc/conf", "edited");
	make_link(top, "bin/sh", "content");
	scratch_path(at, top, "bin/mine");
	assert_int_equal(chmod(at, 0755), 0);
	/* Changed, configuration, of nobody, missing; lines of no apk: a miss. */
	expect(top,
		"1 5 /bin/changed 1\n3 4 /bin/mine 0\n1 6 /etc/conf 1\n"
		"2 4 /bin/gone 1\n",
		"", 1);
	scratch_path(at, top, "bin/sh");
	assert_int_equal(unlink(at), 0);
	make_link(top, "bin/sh", "/tmp/x");
	expect(top,
		"1 5 /bin/changed 1\n3 4 /bin/mine 0\n1 4 /bin/sh 1\n"
		"1 6 /etc/conf 1\n2 4 /bin/gone 1\n",
		"", 1);
	scratch_remove(top);
}

static void test_python(void **state)
{
	const char *const site = "opt/v/lib/python3.11/site-packages";
	char top[SCRATCH_CHARS], path[SCRATCH_CHARS], at[SCRATCH_CHARS];

	(void)state;
	scratch_new(top);
	(void)snprintf(path, sizeof(path), "%s/m-1.0.dist-info", site);
	tree_mkdir(top, path);
	(void)snprintf(path, sizeof(path), "%s/m", site);
	tree_mkdir(top, path);
	tree_mkdir(top, "opt/v/bin");
	(void)snprintf(path, sizeof(path), "%s/m-1.0.dist-info/RECORD", site);
	tree_write(top, path,
		"m/a.py,sha256=" SHA256_CONTENT ",7\r\n"
		"m/b.py,sha256=" SHA256_CONTENT ",7\n"
		"m/__pycache__/a.pyc,,\nm/gone.py,sha256=" SHA256_CONTENT ",7\n"
		"../../../bin/tool,sha256=" SHA256_CONTENT ",7\n"
		"../../../../../../../etc/passwd,sha256=" SHA256_CONTENT ",7\n");
	(void)snprintf(path, sizeof(path), "%s/m/a.py", site);
	tree_write(top, path, "content");
	(void)snprintf(path, sizeof(path), "%s/m/b.py", site);
	tree_write(top, path, "evil");
	tree_write(top, "opt/v/bin/tool", "evil");
	/* Nothing is unowned where nobody tells what the system is. */
	tree_mkdir(top, "usr/bin");
	tree_write(top, "usr/bin/x", "\177ELF");
	expect(top,
		"1 7 /opt/v/bin/tool 1\n"
		"1 5 /opt/v/lib/python3.11/site-packages/m/b.py 1\n"
		"2 7 /opt/v/lib/python3.11/site-packages/m/gone.py 1\n"
		"2 6 /etc/passwd 1\n",
		"", 0);
	/* Of another user's files it says nothing. */
	scratch_path(at, top, path);
	assert_int_equal(chown(at, 1, 1), 0);
	expect(top,
		"1 7 /opt/v/bin/tool 1\n"
		"2 7 /opt/v/lib/python3.11/site-packages/m/gone.py 1\n"
		"2 6 /etc/passwd 1\n",
		"", 0);
	scratch_remove(top);
}

/* Of an image that was built without dpkg. */
static void test_status_d(void **state)
{
	char top[SCRATCH_CHARS];

	(void)state;
	scratch_new(top);
	tree_mkdir(top, "var/lib/dpkg/status.d");
	tree_mkdir(top, "usr/bin");
	tree_write(top, "var/lib/dpkg/status.d/p", "Package: p\nVersion: 1\n");
	tree_write(top, "var/lib/dpkg/status.d/p.md5sums",
		MD5_CONTENT "  usr/bin/a\n" MD5_CONTENT "  usr/bin/b\n" MD5_CONTENT
			    "  usr/bin/gone\nnonsense\n");
	tree_write(top, "var/lib/dpkg/status.d/empty", "");
	tree_write(top, "usr/bin/a", "content");
	tree_write(top, "usr/bin/b", "\177ELF");
	expect(top, "1 4 /usr/bin/b 1\n2 4 /usr/bin/gone 1\n", "", 1);
	scratch_remove(top);
}

/* FLAGS NAME VERSION of each. */
static void test_npm(void **state)
{
	struct disk_target target = { NULL, DISK_ALLOW_WRITABLE };
	struct tree_misses m = { 0 };
	struct picture_config config = { .target = &target,
		.digest = { .threads = 1 },
		.miss = tree_miss,
		.arg = &m };
	AUTO_BUF struct buf b = { 0 };
	char top[SCRATCH_CHARS];
	struct picture p;
	struct err e = { 0 };

	(void)state;
	scratch_new(top);
	target.dir = top;
	tree_mkdir(top, "srv/node_modules/a/node_modules/c");
	tree_mkdir(top, "srv/node_modules/@s/b");
	tree_mkdir(top, "srv/node_modules/none");
	tree_mkdir(top, "opt/node_modules");
	tree_write(top, "opt/node_modules/.package-lock.json", "[");
	tree_write(top, "srv/node_modules/.package-lock.json",
		"{\"packages\":{\"node_modules/a\":{\"version\":\"1\"},"
		"\"node_modules/@s/b\":{\"version\":\"2\"}}}");
	tree_write(top, "srv/node_modules/a/package.json",
		"{\"name\":\"a\",\"version\":\"1\"}");
	tree_write(top, "srv/node_modules/@s/b/package.json",
		"{\"name\":\"@s/b\",\"version\":\"3\"}");
	tree_write(top, "srv/node_modules/a/node_modules/c/package.json",
		"{\"name\":\"c\"}");
	buf_init(&b, 4096);
	assert_ok(picture_take(&p, &config, &e), &e);
	for (uint16_t i = 1; i <= p.packages.n; i++)
		assert_ok(buf_text(&b, &e, "%d%d %s %s\n",
				  p.packages.v[i - 1].not_locked,
				  p.packages.v[i - 1].other_version,
				  packages_name(&p.packages, i),
				  packages_text(&p.packages,
					  p.packages.v[i - 1].version)),
			&e);
	assert_string_equal(buf_string(&b, &e), "01 @s/b 3\n00 a 1\n10 c \n");
	assert_int_equal(m.n, 1);
	picture_done(&p);
	scratch_remove(top);
}

static void test_ucf(void **state)
{
	char top[SCRATCH_CHARS], at[SCRATCH_CHARS];

	(void)state;
	scratch_new(top);
	tree_mkdir(top, "var/lib/dpkg/info");
	tree_mkdir(top, "var/lib/ucf");
	tree_mkdir(top, "usr/bin");
	tree_mkdir(top, "tmp/ ..");
	tree_write(top, "var/lib/dpkg/status",
		"Package: p\nStatus: install ok installed\n");
	tree_write(top, "var/lib/dpkg/info/p.list", "/usr/bin/x\n/usr/bin/su\n");
	tree_write(top, "var/lib/ucf/registry",
		"p \t /usr/bin/c\np /usr/bin/d\nq /usr/bin/x\nnonsense\n");
	tree_write(top, "var/lib/ucf/hashfile",
		MD5_CONTENT "  /usr/bin/c\n" MD5_CONTENT "  /usr/bin/d\n"
			    "nonsense\n" MD5_CONTENT "  /none\n");
	tree_write(top, "usr/bin/c", "content");
	tree_write(top, "usr/bin/d", "edited");
	tree_write(top, "usr/bin/x", "x");
	tree_write(top, "usr/bin/su", "x");
	scratch_path(at, top, "usr/bin/x");
	assert_int_equal(chmod(at, 04755), 0);
	scratch_path(at, top, "usr/bin/su");
	assert_int_equal(chmod(at, 04755), 0);
	expect(top, "1 6 /usr/bin/d 1\n", "3 /tmp/ ..\n0 /usr/bin/x\n", 0);
	scratch_remove(top);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_base64),
		cmocka_unit_test(test_record_line),
		cmocka_unit_test(test_apk),
		cmocka_unit_test(test_python),
		cmocka_unit_test(test_status_d),
		cmocka_unit_test(test_npm),
		cmocka_unit_test(test_ucf),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

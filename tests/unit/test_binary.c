// SPDX-License-Identifier: Apache-2.0
/* The collector binary, on processes that this test makes. */
#include <pthread.h>
#include <sys/socket.h>

#include "base/clock.h"
#include "collect/binary_layer.h"
#include "unit/binary_fixture.h"

static char made[SCRATCH_CHARS]; /* a file of the test's own */

static void put_file(const char *name, const void *p, size_t len)
{
	scratch_path(made, top, name);
	scratch_write(top, name, p, len);
	assert_int_equal(chmod(made, 0755), 0);
}

static void memfd(void **state)
{
	const Icecore__V1__Binary *b;
	char path[PATH_CHARS];
	struct stat st;
	pid_t pid = spawn(run_memfd);

	(void)state;
	wait_for_exe(pid, "/memfd:evil");
	take();
	b = find("/memfd:evil (deleted)");
	assert_non_null(b);
	assert_true(has_reason(b, "memfd"));
	assert_true(b->score >= 80);
	assert_int_equal(
		b->content, ICECORE__V1__BINARY_CONTENT__BINARY_CONTENT_WHOLE);
	assert_int_equal(b->uses[0]->pid, pid);
	assert_non_null(b->elf);
	assert_true(b->elf->n_needed >= 1);
	extracted(path, b);
	assert_same_content(path, "/bin/sleep");
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0400);
	/* What it is linked to is as its package made it. */
	b = find("/libc.so.6");
	assert_non_null(b);
	assert_int_equal(
		b->state, ICECORE__V1__DISK_STATE__DISK_STATE_AS_PACKAGED);
	assert_int_equal(b->score, 0);
	assert_int_equal(
		b->content, ICECORE__V1__BINARY_CONTENT__BINARY_CONTENT_NONE);
}

static void run_made(int ready)
{
	if (write(ready, "x", 1) == 1)
		(void)execl(made, "made", "60", NULL);
}

static void deleted(void **state)
{
	const Icecore__V1__Binary *b;
	char path[PATH_CHARS];
	int fd;
	pid_t pid;

	(void)state;
	put_file("gone", "", 0);
	fd = open(made, O_WRONLY | O_CLOEXEC);
	copy_program(fd, "/bin/sleep");
	(void)close(fd);
	pid = spawn(run_made);
	wait_for_exe(pid, "/gone");
	assert_int_equal(unlink(made), 0);
	/* Something else has its name now. */
	put_file("gone", "no program", 10);
	take();
	b = find("/gone (deleted)");
	assert_non_null(b);
	assert_true(has_reason(b, "deleted"));
	extracted(path, b);
	assert_same_content(path, "/bin/sleep");
}

static atomic_bool stop;

/* Another file takes the name, and this one gets it back, all the time. */
static void *swap(void *arg)
{
	char other[SCRATCH_CHARS], third[SCRATCH_CHARS];

	scratch_path(other, top, "other");
	scratch_path(third, top, "third");
	while (!stop) {
		if (rename(made, third) < 0 || rename(other, made) < 0 ||
			rename(made, other) < 0 || rename(third, made) < 0)
			return arg;
	}
	return NULL;
}

static void renamed_over(void **state)
{
	const Icecore__V1__Binary *b;
	char path[PATH_CHARS];
	pthread_t thread;
	struct stat st;
	void *failed;
	int fd;
	pid_t pid;

	(void)state;
	scratch_write(top, "other", "no program", 10);
	put_file("swapped", "", 0);
	fd = open(made, O_WRONLY | O_CLOEXEC);
	copy_program(fd, "/bin/sleep");
	assert_int_equal(fstat(fd, &st), 0);
	(void)close(fd);
	pid = spawn(run_made);
	wait_for_exe(pid, "/swapped");
	stop = false;
	assert_int_equal(pthread_create(&thread, NULL, swap, &stop), 0);
	take();
	stop = true;
	assert_int_equal(pthread_join(thread, &failed), 0);
	assert_null(failed);
	b = NULL;
	for (size_t i = 0; i < records_n; i++)
		if (records[i]->body_case == ICECORE__V1__RECORD__BODY_BINARY &&
			records[i]->binary->inode == st.st_ino)
			b = records[i]->binary;
	assert_non_null(b);
	extracted(path, b);
	assert_same_content(path, "/bin/sleep");
	assert_null(find("/other"));
}

/* A FIFO, a socket and a device are open; none is read. */
static void run_odd_files(int ready)
{
	int s[2];

	(void)open(made, O_RDWR);
	(void)open("/dev/zero", O_RDONLY);
	(void)socketpair(AF_UNIX, SOCK_STREAM, 0, s);
	(void)unlink(made);
	ready_and_stay(ready);
}

static void odd_files(void **state)
{
	uint64_t began = clock_ns(CLOCK_MONOTONIC);

	(void)state;
	scratch_path(made, top, "fifo");
	assert_int_equal(mkfifo(made, 0600), 0);
	(void)spawn(run_odd_files);
	take();
	assert_null(find("/fifo (deleted)"));
	assert_null(find("/dev/zero"));
	/* What is no file is no gap. */
	assert_null(find_gap("file "));
	assert_true(clock_ns(CLOCK_MONOTONIC) - began < 20000000000ULL);
}

static void run_reverse_shell(int ready)
{
	int s[2];

	(void)socketpair(AF_UNIX, SOCK_STREAM, 0, s);
	for (int i = 0; i < 3; i++)
		(void)dup2(s[0], i);
	if (write(ready, "x", 1) == 1)
		(void)execl("/bin/bash", "bash", "-i", NULL);
}

static void reverse_shell(void **state)
{
	const Icecore__V1__Binary *b;
	char path[PATH_CHARS];
	pid_t pid = spawn(run_reverse_shell);

	(void)state;
	wait_for_exe(pid, "bash");
	take();
	b = find("/bash");
	assert_non_null(b);
	assert_true(has_reason(b, "reverse-shell"));
	assert_int_equal(
		b->state, ICECORE__V1__DISK_STATE__DISK_STATE_AS_PACKAGED);
	assert_string_equal(b->package, "bash");
	extracted(path, b);
	assert_same_content(path, "/bin/bash");
}

static void run_script(int ready)
{
	if (chdir(top) == 0 && write(ready, "x", 1) == 1)
		(void)execl("/bin/sh", "sh", "-e", "./evil.sh", "word", NULL);
}

/* The script has made a file of this name. */
static void wait_for_script(const char *name)
{
	char path[SCRATCH_CHARS];

	scratch_path(path, top, name);
	while (access(path, F_OK) < 0)
		assert_int_equal(errno, ENOENT);
}

static void script(void **state)
{
	static const char text[] = "#!/bin/sh\n: >$0.begun\nkill -STOP $$\n";
	const Icecore__V1__Binary *b;
	char path[PATH_CHARS];

	(void)state;
	put_file("evil.sh", text, sizeof(text) - 1);
	(void)spawn(run_script);
	wait_for_script("evil.sh.begun");
	take();
	b = find("/evil.sh");
	assert_non_null(b);
	assert_int_equal(
		b->uses[0]->how, ICECORE__V1__BINARY_HOW__BINARY_HOW_SCRIPT);
	assert_int_equal(b->script.len, strlen("/bin/sh"));
	assert_true(has_reason(b, "temporary-place"));
	extracted(path, b);
	assert_same_content(path, made);
}

/* A link in place of the script leads nowhere but to what it names. */
static void run_linked_script(int ready)
{
	char link[SCRATCH_CHARS];

	scratch_path(link, top, "link");
	if (write(ready, "x", 1) == 1)
		(void)execl("/bin/sh", "sh", link, NULL);
}

static void linked_script(void **state)
{
	static const char text[] = ": >$0.begun\nkill -STOP $$\n";
	char link[SCRATCH_CHARS];

	(void)state;
	put_file("real.sh", text, sizeof(text) - 1);
	scratch_path(link, top, "link");
	assert_int_equal(symlink(made, link), 0);
	(void)spawn(run_linked_script);
	wait_for_script("link.begun");
	assert_int_equal(unlink(link), 0);
	assert_int_equal(symlink("/dev/tty", link), 0);
	take();
	/* By now it is a device, and so no script. */
	assert_null(find("/link"));
}

static void upper_layers(void **state)
{
	static const struct {
		const char *text, *upper;
	} table[] = {
		{ "811 733 0:52 / / rw master:2 - overlay overlay "
		  "rw,lowerdir=/l:/m,upperdir=/var/a\\040b/fs,workdir=/w\n",
			"/var/a b/fs" },
		{ "1 0 0:1 / /mnt rw - overlay o rw,upperdir=/no\n"
		  "2 0 0:2 / / rw - overlay o rw,upperdir=/yes\n",
			"/yes" },
		{ "2 0 0:2 / / rw - ext4 /dev/sda rw,upperdir=/no\n", NULL },
		{ "2 0 0:2 / / rw - overlay o rw,lowerdir=/x\n", NULL },
		{ "2 0 0:2 / / rw - overlay o", NULL },
		{ "2 0 0:2", NULL },
		{ "", NULL },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(table); i++) {
		char text[256];
		const char *upper;

		(void)snprintf(text, sizeof(text), "%s", table[i].text);
		upper = binary_layer_upper(text);
		if (table[i].upper)
			assert_string_equal(upper, table[i].upper);
		else
			assert_null(upper);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(upper_layers),
		TEST(memfd),
		TEST(deleted),
		TEST(renamed_over),
		TEST(odd_files),
		TEST(reverse_shell),
		TEST(script),
		TEST(linked_script),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

// SPDX-License-Identifier: Apache-2.0
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sys/stat.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/io.h"
#include "evidence/hash.h"
#include "stream/courier.h"
#include "stream/journal.h"
#include "stream/push.h"

enum { LEVELS = 3, LINE_CHARS = 1200 };

/* One capture on its way. */
struct push {
	const struct push_config *config;
	struct push_result *result;
	int dirfd;
	struct courier *courier;
	struct journal *journal;
	char **names; /* in the order in which they are sent */
	size_t names_n;
	pthread_mutex_t lock; /* of what follows, and of the result */
	size_t next, end; /* of the part that is being sent */
	size_t done; /* objects that need not be sent again */
	int failed;
	struct err why;
};

/* "segment-NNNNNN.age" and "manifest-NNNNNN.pb". */
static bool is_object(const char *name)
{
	bool segment = strncmp(name, "segment-", 8) == 0;
	size_t head = segment ? 8 : 9;

	if (!segment && strncmp(name, "manifest-", 9) != 0)
		return false;
	return strspn(name + head, "0123456789") == 6 &&
	       strcmp(name + head + 6, segment ? ".age" : ".pb") == 0;
}

/* Manifest 0, segments, the other manifests. */
static int part_of(const char *name)
{
	if (name[0] == 's')
		return 1;
	return strcmp(name, "manifest-000000.pb") == 0 ? 0 : 2;
}

static int in_order(const void *a, const void *b)
{
	const char *x = *(const char *const *)a, *y = *(const char *const *)b;
	int d = part_of(x) - part_of(y);

	return d ? d : strcmp(x, y);
}

static int add_name(struct push *p, const char *name, struct err *e)
{
	char **names;

	if (p->names_n == PUSH_OBJECTS_MAX)
		return err_set(
			e, -E2BIG, "more than %d objects", PUSH_OBJECTS_MAX);
	names = reallocarray(p->names, p->names_n + 1, sizeof(*names));
	if (!names)
		return err_set(e, -ENOMEM, "no memory for names");
	p->names = names;
	names[p->names_n] = strdup(name);
	if (!names[p->names_n])
		return err_set(e, -ENOMEM, "no memory for names");
	p->names_n++;
	return 0;
}

static DIR *list(int dirfd, struct err *e)
{
	int fd = io_open(dirfd, ".", O_RDONLY | O_DIRECTORY, 0, e);
	DIR *d = fd < 0 ? NULL : fdopendir(fd);

	if (fd >= 0 && !d) {
		(void)err_sys(e, "list a directory");
		(void)close(fd);
	}
	return d;
}

static int find_objects(struct push *p, struct err *e)
{
	DIR *d = list(p->dirfd, e);
	const struct dirent *entry;
	int r = 0;

	if (!d)
		return -EIO;
	while (r == 0 && (entry = readdir(d)))
		if (is_object(entry->d_name))
			r = add_name(p, entry->d_name, e);
	(void)closedir(d);
	if (p->names_n)
		qsort(p->names, p->names_n, sizeof(*p->names), in_order);
	return r;
}

/* A regular file of a sane size, whole. */
static int load(struct push *p, const char *name, struct buf *ret, struct err *e)
{
	AUTO_CLOSE int fd = io_open(
		p->dirfd, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK, 0, e);
	struct stat st;
	uint8_t *to;
	ssize_t n;
	int r;

	if (fd < 0)
		return fd;
	if (fstat(fd, &st) < 0)
		return err_sys(e, "stat %s", name);
	if (!S_ISREG(st.st_mode) || st.st_size > PUSH_OBJECT_BYTES)
		return err_set(e, -EBADMSG, "%s is no object of a capture", name);
	ret->len = 0;
	r = buf_reserve(ret, &to, (size_t)st.st_size + 1, e);
	if (r < 0)
		return r;
	n = io_read(fd, to, (size_t)st.st_size, e);
	if (n < 0)
		return (int)n;
	ret->len = (size_t)n;
	(void)posix_fadvise(fd, 0, 0, POSIX_FADV_DONTNEED);
	return 0;
}

static void say(struct push *p, const char *name, const char *what)
{
	char line[LINE_CHARS];

	(void)snprintf(line, sizeof(line), "%s %s", name, what);
	if (p->config->tell)
		p->config->tell(line);
}

static void count(struct push *p, uint64_t *what, uint64_t n)
{
	pthread_mutex_lock(&p->lock);
	*what += n;
	pthread_mutex_unlock(&p->lock);
}

static int send(struct push *p, const char *name, struct buf *b, struct err *e)
{
	uint8_t sha256[HASH_BYTES];
	struct sink_object o = { .name = name, .sha256 = sha256 };
	enum journal_state state;
	int r = load(p, name, b, e);

	if (r == 0)
		r = hash_bytes(sha256, b->data, b->len, e);
	if (r < 0)
		return r;
	state = journal_state(p->journal, name, sha256);
	if (state == JOURNAL_SENT) {
		count(p, &p->result->skipped, 1);
		return 0;
	}
	o.data = b->data;
	o.len = b->len;
	o.tried_before = state == JOURNAL_TRIED;
	journal_note(p->journal, JOURNAL_TRIED, name, sha256);
	r = courier_put(p->courier, &o, e);
	if (r == -EEXIST) {
		say(p, name,
			"is there already, but not by a push from here: icelab "
			"pull and verify will tell if it is the same");
		count(p, &p->result->unproven, 1);
		journal_note(p->journal, JOURNAL_UNKNOWN, name, sha256);
		return 0;
	}
	if (r == 0)
		journal_note(p->journal, JOURNAL_SENT, name, sha256);
	return r;
}

static void *work(void *arg)
{
	struct push *p = arg;
	struct buf b = { 0 };

	buf_init(&b, PUSH_OBJECT_BYTES + 1);
	pthread_mutex_lock(&p->lock);
	while (!p->failed && p->next < p->end) {
		const char *name = p->names[p->next++];
		struct err why = { 0 };
		int r;

		pthread_mutex_unlock(&p->lock);
		r = send(p, name, &b, &why);
		pthread_mutex_lock(&p->lock);
		p->done += r == 0;
		if (r < 0 && !p->failed) {
			p->failed = r;
			p->why = why;
		}
	}
	pthread_mutex_unlock(&p->lock);
	buf_done(&b);
	return NULL;
}

/* The objects from p->next to ${end}, several at a time. */
static int send_part(struct push *p, size_t end, struct err *e)
{
	pthread_t threads[PUSH_THREADS];
	size_t n = 0;

	p->end = end;
	while (n + 1 < PUSH_THREADS && n + 1 < end - p->next &&
		pthread_create(&threads[n], NULL, work, p) == 0)
		n++;
	(void)work(p);
	while (n)
		(void)pthread_join(threads[--n], NULL);
	return p->failed ? err_set(e, p->failed, "%s", p->why.msg) : 0;
}

static int send_all(struct push *p, struct err *e)
{
	int r = 0;

	while (r == 0 && p->next < p->names_n) {
		size_t end = p->next;

		while (end < p->names_n &&
			part_of(p->names[end]) == part_of(p->names[p->next]))
			end++;
		r = send_part(p, end, e);
	}
	return r;
}

/* All of it was sent: what was spooled may go. */
static void remove_all(struct push *p)
{
	for (size_t i = 0; i < p->names_n; i++)
		(void)unlinkat(p->dirfd, p->names[i], 0);
	(void)unlinkat(p->dirfd, JOURNAL_NAME, 0);
}

static int open_ends(struct push *p, struct sink **sink, const char *const *at,
	struct err *e)
{
	struct sink_place place = {
		.case_name = at[0], .host = at[1], .capture = at[2], .resume = true
	};
	struct courier_config config = {
		.patience_ns = p->config->patience_ns,
		.first_ns = p->config->patience_ns,
		.interrupted = p->config->interrupted,
		.tell = p->config->tell,
	};
	int r = sink_open(
		sink, p->config->destination, &place, p->config->store, e);

	if (r < 0)
		return r;
	config.sink = *sink;
	r = journal_open(&p->journal, p->dirfd, sink_location(*sink), e);
	return r < 0 ? r : courier_new(&p->courier, &config, e);
}

static void push_done(struct push *p)
{
	struct courier_stats st = { 0 };

	if (p->courier)
		courier_stats(p->courier, &st);
	p->result->sent += st.sent;
	p->result->sent_bytes += st.sent_bytes;
	p->result->were_there += st.were_there;
	p->result->retries += st.retries;
	p->result->left += p->names_n - p->done;
	for (size_t i = 0; i < p->names_n; i++)
		free(p->names[i]);
	free(p->names);
	courier_free(p->courier);
	journal_close(p->journal);
	pthread_mutex_destroy(&p->lock);
}

/* The capture in the directory ${dirfd}, at case, host and capture ${at}. */
static int push_capture(const struct push_config *config,
	struct push_result *result, int dirfd, const char *const *at,
	struct err *e)
{
	struct push p = { .config = config, .result = result, .dirfd = dirfd };
	uint64_t unproven = result->unproven;
	struct sink *sink = NULL;
	int r;

	pthread_mutex_init(&p.lock, NULL);
	r = find_objects(&p, e);
	if (r == 0 && p.names_n) {
		result->captures++;
		r = open_ends(&p, &sink, at, e);
		if (r == 0)
			r = send_all(&p, e);
	}
	if (r == 0 && config->remove && result->unproven == unproven)
		remove_all(&p);
	push_done(&p);
	sink_close(sink);
	return r < 0 ? err_wrap(e, r, "%s/%s/%s", at[0], at[1], at[2]) : 0;
}

/* Down from the spool by case and host to the captures. */
static int walk(const struct push_config *config, struct push_result *result,
	int dirfd, const char **at, int level, struct err *e)
{
	DIR *d;
	const struct dirent *entry;
	int r = 0;

	if (level == LEVELS)
		return push_capture(config, result, dirfd, at, e);
	d = list(dirfd, e);
	if (!d)
		return -EIO;
	while (r == 0 && (entry = readdir(d))) {
		AUTO_CLOSE int fd = -1;

		if (sink_check_name("name", entry->d_name, NULL) < 0)
			continue;
		fd = io_open(dirfd, entry->d_name,
			O_RDONLY | O_DIRECTORY | O_NOFOLLOW, 0, NULL);
		if (fd < 0)
			continue;
		if (result->captures == PUSH_CAPTURES_MAX) {
			r = err_set(e, -E2BIG, "more than %d captures",
				PUSH_CAPTURES_MAX);
			break;
		}
		at[level] = entry->d_name;
		r = walk(config, result, fd, at, level + 1, e);
		if (r == 0 && config->remove)
			(void)unlinkat(dirfd, entry->d_name, AT_REMOVEDIR);
	}
	(void)closedir(d);
	return r;
}

int push_run(struct push_result *ret, const struct push_config *config,
	struct err *e)
{
	AUTO_CLOSE int fd = -1;
	const char *at[LEVELS];
	int r;

	*ret = (struct push_result){ 0 };
	fd = io_open(AT_FDCWD, config->spool, O_RDONLY | O_DIRECTORY, 0, e);
	if (fd < 0)
		return err_wrap(e, fd, "spool");
	r = walk(config, ret, fd, at, 0, e);
	if (r == 0 && !ret->captures)
		r = err_set(e, -ENOENT,
			"no capture in the spool %s (CASE/HOST/CAPTURE)",
			config->spool);
	return r;
}

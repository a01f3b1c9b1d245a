// SPDX-License-Identifier: Apache-2.0
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sys/stat.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/io.h"
#include "evidence/hash.h"
#include "sink/sink.h"
#include "stream/journal.h"

enum { LINE_CHARS = SINK_NAME_MAX + HASH_HEX_CHARS + SINK_URL_MAX + 8 };

static const char marks[] = {
	[JOURNAL_UNKNOWN] = '-',
	[JOURNAL_TRIED] = '?',
	[JOURNAL_SENT] = '+',
};

struct journal {
	int fd; /* -1 = nothing can be written */
	const char *destination;
	struct buf text; /* what was there, NUL-terminated */
	pthread_mutex_t lock;
};

static void line_of(char ret[LINE_CHARS], const struct journal *j, char mark,
	const char *name, const uint8_t sha256[JOURNAL_SHA256_BYTES])
{
	char hex[HASH_HEX_CHARS];

	for (size_t i = 0; i < JOURNAL_SHA256_BYTES; i++)
		(void)snprintf(hex + 2 * i, 3, "%02x", sha256[i]);
	(void)snprintf(ret, LINE_CHARS, "%c %.128s %s %.4095s\n", mark, name,
		hex, j->destination);
}

int journal_open(
	struct journal **ret, int dirfd, const char *destination, struct err *e)
{
	struct journal *j = calloc(1, sizeof(*j));
	struct err why = { 0 };
	int r;

	if (!j)
		return err_set(e, -ENOMEM, "no memory for a journal");
	j->destination = destination;
	pthread_mutex_init(&j->lock, NULL);
	buf_init(&j->text, JOURNAL_BYTES);
	r = io_slurp(dirfd, JOURNAL_NAME, &j->text, &why);
	if (r == -ENOENT)
		r = 0;
	if (r == 0 && !buf_string(&j->text, &why))
		r = -EFBIG;
	if (r < 0) {
		j->fd = -1;
		journal_close(j);
		return err_set(e, r, "journal: %s", why.msg);
	}
	j->fd = io_open(dirfd, JOURNAL_NAME,
		O_WRONLY | O_CREAT | O_APPEND | O_NOFOLLOW, 0600, NULL);
	*ret = j;
	return 0;
}

void journal_close(struct journal *j)
{
	if (!j)
		return;
	if (j->fd >= 0)
		(void)close(j->fd);
	buf_done(&j->text);
	pthread_mutex_destroy(&j->lock);
	free(j);
}

/* Where the last line of that text begins; NULL if there is none. */
static const char *last_line(const struct journal *j, const char *line)
{
	const char *text = (const char *)j->text.data, *found = NULL;

	for (const char *at = text ? strstr(text, line) : NULL; at;
		at = strstr(at + 1, line))
		if (at == text || at[-1] == '\n')
			found = at;
	return found;
}

/* The last line of an object is what counts. */
enum journal_state journal_state(const struct journal *j, const char *name,
	const uint8_t sha256[JOURNAL_SHA256_BYTES])
{
	enum journal_state state = JOURNAL_UNKNOWN;
	const char *last = NULL;
	char line[LINE_CHARS];

	for (int i = JOURNAL_UNKNOWN; i <= JOURNAL_SENT; i++) {
		const char *at;

		line_of(line, j, marks[i], name, sha256);
		at = last_line(j, line);
		if (at && (!last || at > last)) {
			last = at;
			state = (enum journal_state)i;
		}
	}
	return state;
}

void journal_note(struct journal *j, enum journal_state state, const char *name,
	const uint8_t sha256[JOURNAL_SHA256_BYTES])
{
	char line[LINE_CHARS];

	if (j->fd < 0)
		return;
	line_of(line, j, marks[state], name, sha256);
	pthread_mutex_lock(&j->lock);
	(void)!io_write(j->fd, line, strlen(line), NULL);
	pthread_mutex_unlock(&j->lock);
}

// SPDX-License-Identifier: Apache-2.0
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <stdbool.h>

#include <jansson.h>
#include <openssl/evp.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/io.h"
#include "cloud/credentials.h"
#include "cloud/role.h"
#include "cloud/ticket.h"

enum { DIGEST_BYTES = 32, READ_BYTES = 64 << 10 };

/* A ticket and how many use it; the last one wipes it. */
struct held {
	struct ticket *ticket;
	unsigned users;
	unsigned number;
	struct held *next; /* of those that are no longer handed out */
};

struct credentials {
	const struct credentials_config *config;
	pthread_mutex_t lock; /* of what follows */
	struct held *current;
	struct held *old;
	pthread_mutex_t renewing; /* one asks at a time */
	uint8_t digest[DIGEST_BYTES]; /* of the file's text */
	struct buf pending; /* from the descriptor */
	bool ended; /* it has no more */
};

static void wipe(struct buf *b)
{
	if (b->data)
		explicit_bzero(b->data, b->cap);
	buf_done(b);
}

static void held_free(struct held *h)
{
	if (h)
		ticket_free(h->ticket);
	free(h);
}

/* Make ${t}, which it takes, the ticket of the moment. */
static int replace(struct credentials *c, struct ticket *t, struct err *e)
{
	struct held *h = calloc(1, sizeof(*h));
	struct held *was;

	if (!h) {
		ticket_free(t);
		return err_set(e, -ENOMEM, "no memory for a ticket");
	}
	h->ticket = t;
	pthread_mutex_lock(&c->lock);
	was = c->current;
	h->number = was ? was->number + 1 : 1;
	c->current = h;
	if (was && was->users) {
		was->next = c->old;
		c->old = was;
		was = NULL;
	}
	pthread_mutex_unlock(&c->lock);
	held_free(was);
	return 0;
}

static int from_file(struct credentials *c, struct ticket **ret, struct err *e)
{
	uint8_t digest[DIGEST_BYTES];
	struct buf text = { 0 };
	int r;

	buf_init(&text, TICKET_BYTES);
	r = io_slurp(AT_FDCWD, c->config->file, &text, e);
	if (r == 0 && !EVP_Digest(text.data, text.len, digest, NULL,
			      EVP_sha256(), NULL))
		r = err_set(e, -ENOMEM, "SHA-256 of a ticket");
	if (r == 0 && c->current && memcmp(digest, c->digest, sizeof(digest)) == 0)
		r = err_set(e, -EAGAIN, "it is still the same");
	if (r == 0)
		r = ticket_parse(ret, (const char *)text.data, text.len, e);
	wipe(&text);
	if (r == 0)
		memcpy(c->digest, digest, sizeof(digest));
	/* Half written, or between two names: it may yet be whole. */
	else if (c->current && r != -ENOMEM)
		r = -EAGAIN;
	return r < 0 ? err_wrap(e, r, "ticket %s", c->config->file) : 0;
}

/* How much of the text is one ticket: a JSON value, or a line; 0 = not yet. */
static size_t whole_ticket(const struct buf *b, bool ended)
{
	const char *text = (const char *)b->data;
	json_error_t why;
	json_t *j;
	const char *eol;

	if (!b->len)
		return 0;
	j = json_loadb(
		text, b->len, JSON_DISABLE_EOF_CHECK | JSON_DECODE_ANY, &why);
	if (j) {
		json_decref(j);
		return (size_t)why.position;
	}
	if (!ended && json_error_code(&why) == json_error_premature_end_of_input)
		return 0;
	eol = memchr(text, '\n', b->len);
	return eol ? (size_t)(eol - text) + 1 : ended ? b->len : 0;
}

static void drop_front(struct buf *b, size_t n)
{
	memmove(b->data, b->data + n, b->len - n);
	b->len -= n;
	explicit_bzero(b->data + b->len, n);
}

static void skip_blanks(struct buf *b)
{
	size_t n = 0;

	while (n < b->len && strchr(" \t\r\n", b->data[n]))
		n++;
	if (n)
		drop_front(b, n);
}

/* Read on; with ${wait}, until a ticket is whole. */
static int from_fd(
	struct credentials *c, struct ticket **ret, bool wait, struct err *e)
{
	struct pollfd p = { .fd = c->config->fd, .events = POLLIN };
	size_t n;
	int r;

	skip_blanks(&c->pending);
	while (!(n = whole_ticket(&c->pending, c->ended))) {
		uint8_t *to;
		ssize_t got;

		if (c->ended)
			return err_set(e, -ENOKEY,
				"the descriptor ended: no more tickets");
		r = poll(&p, 1, wait ? -1 : 0);
		if (r < 0 && errno != EINTR)
			return err_sys(e, "poll for a ticket");
		if (r == 0)
			return err_set(e, -EAGAIN,
				"a new ticket on descriptor %d", p.fd);
		if (r < 0)
			continue;
		r = buf_reserve(&c->pending, &to, READ_BYTES, e);
		if (r < 0)
			return r;
		got = read(p.fd, to, READ_BYTES);
		if (got < 0 && errno != EINTR && errno != EAGAIN)
			return err_sys(e, "read a ticket");
		c->ended = got == 0;
		c->pending.len += got > 0 ? (size_t)got : 0;
		skip_blanks(&c->pending);
	}
	r = ticket_parse(ret, (const char *)c->pending.data, n, e);
	drop_front(&c->pending, n);
	return r;
}

static int get(
	struct credentials *c, struct ticket **ret, bool wait, struct err *e)
{
	if (c->config->file)
		return from_file(c, ret, e);
	if (c->config->fd >= 0)
		return from_fd(c, ret, wait, e);
	return role_ticket(ret, c->config, e);
}

int credentials_open(struct credentials **ret,
	const struct credentials_config *config, struct err *e)
{
	struct credentials *c = calloc(1, sizeof(*c));
	struct ticket *t = NULL;
	int r;

	if (!c)
		return err_set(e, -ENOMEM, "no memory for credentials");
	c->config = config;
	pthread_mutex_init(&c->lock, NULL);
	pthread_mutex_init(&c->renewing, NULL);
	/* Room for one more read than the longest ticket. */
	buf_init(&c->pending, TICKET_BYTES + READ_BYTES);
	r = get(c, &t, true, e);
	if (r == 0)
		r = replace(c, t, e);
	if (r < 0) {
		credentials_close(c);
		return r;
	}
	*ret = c;
	return 0;
}

void credentials_close(struct credentials *c)
{
	if (!c)
		return;
	while (c->old) {
		struct held *h = c->old;

		c->old = h->next;
		held_free(h);
	}
	held_free(c->current);
	wipe(&c->pending);
	pthread_mutex_destroy(&c->lock);
	pthread_mutex_destroy(&c->renewing);
	free(c);
}

struct credentials_use credentials_take(struct credentials *c)
{
	struct credentials_use u;

	pthread_mutex_lock(&c->lock);
	c->current->users++;
	u.ticket = c->current->ticket;
	u.number = c->current->number;
	pthread_mutex_unlock(&c->lock);
	return u;
}

void credentials_give(struct credentials *c, struct credentials_use u)
{
	struct held *gone = NULL;

	pthread_mutex_lock(&c->lock);
	if (c->current->number == u.number) {
		c->current->users--;
	} else {
		struct held **p = &c->old;

		while (*p && (*p)->number != u.number)
			p = &(*p)->next;
		if (*p && --(*p)->users == 0) {
			gone = *p;
			*p = gone->next;
		}
	}
	pthread_mutex_unlock(&c->lock);
	held_free(gone);
}

int credentials_renew(struct credentials *c, unsigned number, struct err *e)
{
	struct ticket *t = NULL;
	bool newer;
	int r = 0;

	pthread_mutex_lock(&c->renewing);
	pthread_mutex_lock(&c->lock);
	newer = c->current->number > number;
	pthread_mutex_unlock(&c->lock);
	if (!newer) {
		r = get(c, &t, false, e);
		if (r == 0)
			r = replace(c, t, e);
	}
	pthread_mutex_unlock(&c->renewing);
	return r;
}

// SPDX-License-Identifier: Apache-2.0
#include <errno.h>
#include <fcntl.h>

#include "base/clock.h"
#include "base/io.h"
#include "cloud/answer.h"
#include "sink/probe.h"

static const char text[] = "icecore probe: this object may be deleted\n";

struct probe {
	struct sink_probe *ret;
	struct store *store;
	struct http *http;
	struct store_object object;
	char key[STORE_KEY_CHARS];
};

/* Whether what was there before stays, by the store's own word. */
static bool keeps(enum sink_probe_step i, const struct http_answer *a)
{
	char version[HTTP_VALUE_CHARS];

	return (i == SINK_PROBE_OVERWRITE || i == SINK_PROBE_DELETE) &&
	       http_header(a, version, "x-amz-version-id") &&
	       strcmp(version, "null") != 0;
}

/* Whatever stops short of the act itself is a refusal. */
static enum sink_probe_verdict judge(
	enum sink_probe_step i, int r, const struct http_answer *a)
{
	switch (r) {
	case 0:
		return keeps(i, a) ? SINK_PROBE_VERSIONED : SINK_PROBE_ALLOWED;
	case -EACCES:
	case -EEXIST:
	case -EOPNOTSUPP:
		return SINK_PROBE_REFUSED;
	case -ENOENT:
		/* Such a server has nothing of the kind. */
		return i == SINK_PROBE_LIST ? SINK_PROBE_REFUSED
					    : SINK_PROBE_UNKNOWN;
	default:
		/* 405 and 409 are refusals of act and state. */
		return a->status == 405 || a->status == 409 ? SINK_PROBE_REFUSED
							    : SINK_PROBE_UNKNOWN;
	}
}

static int step(struct probe *p, enum sink_probe_step i, enum store_op op)
{
	AUTO_ANSWER struct http_answer a;
	struct store_trace trace = { 0 };
	struct err *why = &p->ret->steps[i].why;
	int64_t theirs;
	int r;

	http_answer_init(&a, ANSWER_BYTES);
	r = store_do(p->store, p->http, &a, op, &p->object, &trace, why);
	if (r == -EAGAIN && trace.skewed)
		r = store_do(p->store, p->http, &a, op, &p->object, &trace, why);
	if (r == 0)
		why->msg[0] = 0;
	p->ret->steps[i].verdict = judge(i, r, &a);
	theirs = http_date(&a);
	if (theirs)
		p->ret->skew_seconds =
			theirs - (int64_t)(clock_ns(CLOCK_REALTIME) / 1000000000);
	return r;
}

static const enum store_op ops[] = {
	[SINK_PROBE_ADD] = STORE_PUT,
	[SINK_PROBE_OVERWRITE] = STORE_REPLACE,
	[SINK_PROBE_READ] = STORE_GET,
	[SINK_PROBE_LIST] = STORE_LIST,
	[SINK_PROBE_DELETE] = STORE_DELETE,
};

static int probe_store(struct probe *p, const char *url,
	const struct sink_place *place, const struct store_config *config,
	struct err *e)
{
	uint64_t start;
	int r = store_open(&p->store, url, config, e);

	if (r == 0)
		r = store_connect(&p->http, p->store, e);
	if (r < 0)
		return r;
	(void)snprintf(p->key, sizeof(p->key), "%.128s/%.128s/%.128s/%s",
		place->case_name, place->host, place->capture, SINK_PROBE_OBJECT);
	p->object = (struct store_object){
		.key = p->key, .data = text, .len = sizeof(text) - 1
	};
	(void)snprintf(p->ret->location, sizeof(p->ret->location), "%.3000s/%s",
		url, p->key);
	(void)snprintf(p->ret->ticket, sizeof(p->ret->ticket), "%s",
		store_ticket_name(p->store));
	start = clock_ns(CLOCK_MONOTONIC);
	r = step(p, SINK_PROBE_ADD, STORE_PUT);
	p->ret->seconds = (double)(clock_ns(CLOCK_MONOTONIC) - start) / 1e9;
	(void)snprintf(p->ret->tls, sizeof(p->ret->tls), "%s", http_tls(p->http));
	if (r < 0)
		return err_set(e, r, "%s", p->ret->steps[SINK_PROBE_ADD].why.msg);
	for (int i = SINK_PROBE_OVERWRITE; i < SINK_PROBE_STEPS; i++)
		(void)step(p, (enum sink_probe_step)i, ops[i]);
	return 0;
}

/* A directory is what the one who runs this may do with it. */
static int probe_directory(
	struct sink_probe *ret, const char *path, struct err *e)
{
	AUTO_CLOSE int dir = -1, fd = -1;

	(void)snprintf(ret->location, sizeof(ret->location), "%s", path);
	dir = io_open(AT_FDCWD, path, O_RDONLY | O_DIRECTORY, 0, e);
	if (dir < 0)
		return dir;
	fd = io_open(dir, ".", O_WRONLY | O_TMPFILE, 0600, e);
	if (fd < 0)
		return fd;
	return io_write(fd, text, sizeof(text) - 1, e);
}

int sink_probe(struct sink_probe *ret, const char *url,
	const struct sink_place *place, const struct store_config *config,
	struct err *e)
{
	struct probe p = { .ret = ret };
	bool file = strncmp(url, "file://", 7) == 0;
	int r;

	*ret = (struct sink_probe){ 0 };
	for (int i = 0; i < SINK_PROBE_STEPS; i++)
		ret->steps[i].verdict = SINK_PROBE_NOT_ASKED;
	r = sink_check_name("case", place->case_name, e);
	if (r == 0 && (file || !strstr(url, "://")))
		r = probe_directory(ret, url + (file ? 7 : 0), e);
	else if (r == 0)
		r = probe_store(&p, url, place, config, e);
	if (r == 0 && ret->steps[SINK_PROBE_ADD].verdict == SINK_PROBE_NOT_ASKED)
		ret->steps[SINK_PROBE_ADD].verdict = SINK_PROBE_ALLOWED;
	http_free(p.http);
	store_close(p.store);
	return r < 0 ? err_wrap(e, r, "destination") : 0;
}

// SPDX-License-Identifier: Apache-2.0
#include <errno.h>

#include "base/err.h"
#include "evidence/manifest.h"
#include "lab/fetch.h"

enum { PAUSE_MS = 250, SLACK_BYTES = 4096 };

void fetcher_free(struct fetcher *f)
{
	if (!f)
		return;
	http_free(f->http);
	http_answer_done(&f->answer);
	free(f);
}

int fetcher_new(struct fetcher **ret, struct store *store, struct err *e)
{
	struct fetcher *f = calloc(1, sizeof(*f));
	int r;

	if (!f)
		return err_set(e, -ENOMEM, "no memory for a connection");
	f->store = store;
	http_answer_init(&f->answer, MANIFEST_MAX_BYTES + SLACK_BYTES);
	r = store_connect(&f->http, store, e);
	if (r < 0) {
		fetcher_free(f);
		return r;
	}
	*ret = f;
	return 0;
}

/* Longer each time: 0, a quarter of a second, and then twice as long. */
static void pause_before(unsigned i)
{
	uint64_t ms = i ? (uint64_t)PAUSE_MS << (i - 1) : 0;
	struct timespec pause = { .tv_sec = (time_t)(ms / 1000),
		.tv_nsec = (long)(ms % 1000) * 1000000L };

	(void)nanosleep(&pause, NULL);
}

static int ask(struct fetcher *f, enum store_op op,
	const struct store_object *o, struct err *e)
{
	struct store_trace trace = { 0 };
	int r = -EAGAIN;

	for (unsigned i = 0; r == -EAGAIN && i < FETCH_TRIES; i++) {
		pause_before(i);
		r = store_do(f->store, f->http, &f->answer, op, o, &trace, e);
		if (r == -EKEYEXPIRED &&
			store_renew(f->store, trace.ticket, e) == 0)
			r = -EAGAIN;
	}
	return r;
}

int fetch(struct fetcher *f, const char *name, const char *version, struct err *e)
{
	const struct store_object o = { .key = name, .version = version };
	int r = ask(f, STORE_GET, &o, e);

	if (r < 0)
		return err_wrap(e, r, "%s", name);
	f->objects++;
	f->bytes += f->answer.body.len;
	return 0;
}

bool fetch_is_versioned(const struct fetcher *f)
{
	char id[HTTP_VALUE_CHARS];

	return http_header(&f->answer, id, "x-amz-version-id") &&
	       strcmp(id, "null") != 0;
}

void fetch_versions(struct fetcher *f, const char *name)
{
	const struct store_object o = { .key = name };
	char key[URL_PREFIX_CHARS + STORE_KEY_CHARS];
	const char *prefix = store_url(f->store)->prefix;

	f->versions = (struct versions){ 0 };
	if (ask(f, STORE_VERSIONS, &o, NULL) < 0)
		return;
	(void)snprintf(key, sizeof(key), "%s%s%.512s", prefix,
		*prefix ? "/" : "", name);
	versions_parse(&f->versions, key, (const char *)f->answer.body.data,
		f->answer.body.len);
}

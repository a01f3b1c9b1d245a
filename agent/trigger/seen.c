// SPDX-License-Identifier: Apache-2.0
#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "base/err.h"
#include "trigger/bell.h"
#include "trigger/seen.h"

struct seen_key {
	char text[TRIGGER_KEY_CHARS];
	bool now; /* in this round */
};

struct seen {
	struct seen_key keys[SEEN_KEYS_MAX];
	size_t n;
};

int seen_new(struct seen **ret, struct err *e)
{
	struct seen *s = calloc(1, sizeof(*s));

	if (!s)
		return err_set(e, -ENOMEM, "no memory for triggers");
	*ret = s;
	return 0;
}

void seen_free(struct seen *s)
{
	free(s);
}

static bool begins(const struct seen_key *key, const char *prefix)
{
	return strncmp(key->text, prefix, strlen(prefix)) == 0;
}

void seen_begin(struct seen *s, const char *prefix)
{
	for (size_t i = 0; i < s->n; i++)
		if (begins(&s->keys[i], prefix))
			s->keys[i].now = false;
}

void seen_end(struct seen *s, struct feed *f, const char *prefix)
{
	size_t kept = 0;

	for (size_t i = 0; i < s->n; i++) {
		if (begins(&s->keys[i], prefix) && !s->keys[i].now)
			feed_gone(f, s->keys[i].text);
		else if (kept++ != i)
			s->keys[kept - 1] = s->keys[i];
	}
	s->n = kept;
}

/* Whether it was not there before. */
static bool note(struct seen *s, const char *key)
{
	for (size_t i = 0; i < s->n; i++)
		if (strcmp(s->keys[i].text, key) == 0) {
			s->keys[i].now = true;
			return false;
		}
	if (s->n < SEEN_KEYS_MAX) {
		struct seen_key *k = &s->keys[s->n++];

		(void)snprintf(k->text, sizeof(k->text), "%s", key);
		k->now = true;
	}
	return true;
}

bool seen_ring(struct seen *s, struct feed *f, const struct trigger_event *ev)
{
	bool new = note(s, ev->key);

	feed_ring(f, ev);
	return new;
}

void seen_refuse(struct seen *s, struct feed *f, const char *key, const char *why)
{
	(void)note(s, key);
	feed_refuse(f, key, "%s", why);
}

/* FNV-1a: to tell values apart, not to resist whoever chose them. */
static uint64_t add_hash(uint64_t h, const void *data, size_t len)
{
	const uint8_t *p = data;

	for (size_t i = 0; i < len; i++)
		h = (h ^ p[i]) * 0x100000001b3;
	return h;
}

bool seen_value(struct seen *s, struct feed *f, const struct trigger_event *like,
	const char *kind, const char *name, const char *value, size_t len)
{
	struct trigger_event ev = *like;
	uint64_t h = add_hash(0xcbf29ce484222325, name, strlen(name) + 1);
	size_t at = strlen(ev.key);
	char why[TRIGGER_REASON_CHARS];

	(void)snprintf(ev.key + at, sizeof(ev.key) - at, "%s:%.*s=%016" PRIx64,
		kind, SEEN_NAME_CHARS, name, add_hash(h, value, len));
	at = strlen(ev.reason);
	(void)snprintf(ev.reason + at, sizeof(ev.reason) - at, "%s %.100s%s",
		kind, name, len ? "=" : "");
	if (trigger_event_value(&ev, value, len) == 0)
		return seen_ring(s, f, &ev);
	(void)snprintf(why, sizeof(why),
		"%s %.100s: a value of %zu bytes is no order and no reason",
		kind, name, len);
	seen_refuse(s, f, ev.key, why);
	return false;
}

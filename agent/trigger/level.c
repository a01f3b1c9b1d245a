// SPDX-License-Identifier: Apache-2.0
#include <string.h>

#include "trigger/bell.h"
#include "trigger/level.h"

void level_begin(struct level *l)
{
	for (size_t i = 0; i < l->n; i++)
		l->keys[i].is_there = false;
}

bool level_is_there(struct level *l, struct feed *f, const char *key)
{
	size_t i = 0;

	while (i < l->n && strcmp(l->keys[i].key, key) != 0)
		i++;
	if (i == LEVEL_KEYS_MAX) {
		feed_refuse(f, "too-many", "more than %d triggers at once",
			LEVEL_KEYS_MAX);
		return false;
	}
	if (i == l->n) {
		(void)snprintf(l->keys[i].key, TRIGGER_KEY_CHARS, "%s", key);
		l->n++;
	}
	l->keys[i].is_there = true;
	return true;
}

void level_ring(struct level *l, struct feed *f, const struct trigger_event *ev)
{
	if (level_is_there(l, f, ev->key))
		feed_ring(f, ev);
}

void level_end(struct level *l, struct feed *f)
{
	size_t n = 0;

	for (size_t i = 0; i < l->n; i++)
		if (l->keys[i].is_there)
			l->keys[n++] = l->keys[i];
		else
			feed_gone(f, l->keys[i].key);
	l->n = n;
}

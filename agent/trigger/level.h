/* SPDX-License-Identifier: Apache-2.0 */
/*
 * From what is there each time one looks to rings and gones: a tag, a file, a
 * group that is there rings, and one that was there and is not any more is
 * told as gone.
 */
#ifndef TRIGGER_LEVEL_H
#define TRIGGER_LEVEL_H

#include <stdbool.h>
#include <stddef.h>

#include "trigger/event.h"

struct feed;

enum { LEVEL_KEYS_MAX = 128 };

/* Begin with zeros. */
struct level {
	struct {
		char key[TRIGGER_KEY_CHARS];
		bool is_there;
	} keys[LEVEL_KEYS_MAX];
	size_t n;
};

/*
 * level_begin(l), level_is_there(l, f, key), level_ring(l, f, ev), level_end(l, f):
 * One look: each thing that is there by level_ring(), or by level_is_there()
 * where it is malformed and so refused, and at the end of a look that saw all
 * there is, those that are gone.  Past LEVEL_KEYS_MAX a thing is refused.
 */
void level_begin(struct level *l);
bool level_is_there(struct level *l, struct feed *f, const char *key);
void level_ring(struct level *l, struct feed *f, const struct trigger_event *ev);
void level_end(struct level *l, struct feed *f);

#endif

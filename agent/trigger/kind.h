/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The kinds of trigger sources, one file each, and their settings: the section
 * [trigger NAME] of the watch's configuration, by a table.
 */
#ifndef TRIGGER_KIND_H
#define TRIGGER_KIND_H

#include <stddef.h>
#include <stdint.h>

#include "base/cleanup.h"

struct err;
struct feed;

enum { TRIGGER_WORDS_MAX = 16 };

/* A list of words, "a, b, c". */
struct trigger_words {
	const char *v[TRIGGER_WORDS_MAX];
	size_t n;
};

enum trigger_key_type {
	TRIGGER_TEXT, /* const char *, NULL = not given */
	TRIGGER_WORDS, /* struct trigger_words */
	TRIGGER_NUMBER, /* uint32_t, from min to max */
	TRIGGER_SWITCH, /* uint32_t, "yes" = 1 or "no" = 0 */
};

struct trigger_key {
	const char *name; /* "poll-ms" */
	enum trigger_key_type type;
	size_t offset; /* in the kind's struct of settings */
	uint32_t min, max; /* of a number */
};

struct trigger_kind {
	const char *name; /* "ec2" */
	size_t settings_bytes;
	const void *defaults; /* a struct of settings */
	const struct trigger_key *keys;
	size_t keys_n;
	/*
	 * check(settings, e): -EINVAL, with a sentence for who wrote them; or
	 * NULL.
	 */
	int (*check)(const void *settings, struct err *e);
	/*
	 * run(settings, f, e): look for triggers until feed_sleep() says that
	 * the watch ends, and return 0.  Negative: nothing can be seen here,
	 * and ${e} says why; the watch goes on without this source.
	 */
	int (*run)(const void *settings, struct feed *f, struct err *e);
};

/* All of them, ended by NULL. */
extern const struct trigger_kind *const trigger_kinds[];

/*
 * trigger_kind_find(name): NULL = none.
 *
 * trigger_key_set(settings, kind, name, value, e):
 * Set one of them from its text; ${value} is borrowed and cut at its commas
 * where the key takes words.  -ENOENT: there is no such key; -EINVAL: the value.
 */
const struct trigger_kind *trigger_kind_find(const char *name);
int trigger_key_set(void *settings, const struct trigger_kind *kind,
	const char *name, char *value, struct err *e) MUST_CHECK;

#endif

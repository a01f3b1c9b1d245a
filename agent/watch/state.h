/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a watch must not forget when it is begun again: which triggers it has
 * obeyed, which it has not finished, which orders were used, what it refused
 * and what it captured.  A JSON file in its runtime directory, replaced whole
 * at each change, and locked against a second watch.
 */
#ifndef WATCH_STATE_H
#define WATCH_STATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <jansson.h>

#include "trigger/event.h"

struct err;
struct state;

enum {
	STATE_TRIGGERS_MAX = 256, /* the oldest that is finished is forgotten */
	STATE_ORDERS_MAX = 1024, /* likewise, of those whose time is over */
	STATE_LAST_MAX = 16, /* captures, refusals */
	STATE_BYTES_MAX = 4 << 20,
	STATE_SOURCE_CHARS = 32,
	STATE_TEXT_CHARS = 512,
};

enum state_stage { STATE_WAITS, STATE_RUNS, STATE_FINISHED };

struct state_trigger {
	char source[STATE_SOURCE_CHARS];
	struct trigger_event event;
	enum state_stage stage;
	uint64_t gone_realtime_ns; /* 0 = it is there */
};

/*
 * state_open(ret, path, e), state_close(s):
 * -EBUSY: another watch holds it.  A file that cannot be read as a state is
 * told by ${damaged}, and begun anew.  The directory is made where it is missing.
 */
int state_open(struct state **ret, const char *path, bool *damaged,
	struct err *e) MUST_CHECK;
void state_close(struct state *s);

/*
 * state_save(s, e): write what was changed.
 */
int state_save(struct state *s, struct err *e) MUST_CHECK;

/*
 * state_find(s, source, key): owned by ${s} until the next state_add();
 * NULL = none.  state_add(s, source, ev): a new one, that waits; NULL when
 * there is no room, since STATE_TRIGGERS_MAX are unfinished.
 * state_at(s, i): in the order in which they came; NULL = no more.
 */
struct state_trigger *state_find(
	struct state *s, const char *source, const char *key);
struct state_trigger *state_add(
	struct state *s, const char *source, const struct trigger_event *ev);
struct state_trigger *state_at(struct state *s, size_t i);

/*
 * state_use_order(s, id, until, now):
 * That order is used from now on; false when it was used before, or when there
 * is no room for one more.  It is kept until ${until}, seconds since 1970.
 */
bool state_use_order(struct state *s, uint64_t id, uint32_t until, uint64_t now);

/*
 * state_note(s, list, j):
 * Add ${j}, which is taken, to the last "captures" or "refusals".
 * state_notes(s, list): an array, borrowed.
 */
enum state_list { STATE_CAPTURES, STATE_REFUSALS };
void state_note(struct state *s, enum state_list list, json_t *j);
json_t *state_notes(struct state *s, enum state_list list);

#endif

// SPDX-License-Identifier: Apache-2.0
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/io.h"
#include "base/json.h"
#include "base/num.h"
#include "watch/state.h"

enum { PATH_CHARS = 4096 };

struct used {
	uint64_t id;
	uint32_t until;
};

struct state {
	char path[PATH_CHARS];
	int lock;
	struct state_trigger triggers[STATE_TRIGGERS_MAX];
	size_t triggers_n;
	struct used orders[STATE_ORDERS_MAX];
	size_t orders_n;
	json_t *lists[2];
};

static const char *const list_names[] = {
	[STATE_CAPTURES] = "captures",
	[STATE_REFUSALS] = "refusals",
};

static const char *const stage_names[] = {
	[STATE_WAITS] = "waits",
	[STATE_RUNS] = "runs",
	[STATE_FINISHED] = "finished",
};

struct state_trigger *state_find(
	struct state *s, const char *source, const char *key)
{
	for (size_t i = 0; i < s->triggers_n; i++)
		if (strcmp(s->triggers[i].event.key, key) == 0 &&
			strcmp(s->triggers[i].source, source) == 0)
			return &s->triggers[i];
	return NULL;
}

struct state_trigger *state_at(struct state *s, size_t i)
{
	return i < s->triggers_n ? &s->triggers[i] : NULL;
}

/* The oldest that is finished, and gone if there is such a one. */
static bool forget_one(struct state *s)
{
	size_t at = s->triggers_n;

	for (size_t i = s->triggers_n; i-- > 0;) {
		const struct state_trigger *t = &s->triggers[i];

		if (t->stage != STATE_FINISHED)
			continue;
		if (at == s->triggers_n || t->gone_realtime_ns ||
			!s->triggers[at].gone_realtime_ns)
			at = i;
	}
	if (at == s->triggers_n)
		return false;
	s->triggers_n--;
	memmove(&s->triggers[at], &s->triggers[at + 1],
		(s->triggers_n - at) * sizeof(s->triggers[0]));
	return true;
}

struct state_trigger *state_add(
	struct state *s, const char *source, const struct trigger_event *ev)
{
	struct state_trigger *t;

	if (s->triggers_n == STATE_TRIGGERS_MAX && !forget_one(s))
		return NULL;
	t = &s->triggers[s->triggers_n++];
	*t = (struct state_trigger){ .event = *ev };
	(void)snprintf(t->source, sizeof(t->source), "%s", source);
	return t;
}

bool state_use_order(struct state *s, uint64_t id, uint32_t until, uint64_t now)
{
	size_t n = 0;

	for (size_t i = 0; i < s->orders_n; i++) {
		if (s->orders[i].id == id)
			return false;
		if (s->orders[i].until >= now)
			s->orders[n++] = s->orders[i];
	}
	s->orders_n = n;
	if (n == STATE_ORDERS_MAX)
		return false;
	s->orders[s->orders_n++] = (struct used){ id, until };
	return true;
}

void state_note(struct state *s, enum state_list list, json_t *j)
{
	if (json_array_append_new(s->lists[list], j) == 0 &&
		json_array_size(s->lists[list]) > STATE_LAST_MAX)
		(void)json_array_remove(s->lists[list], 0);
}

json_t *state_notes(struct state *s, enum state_list list)
{
	return s->lists[list];
}

static json_t *trigger_json(const struct state_trigger *t)
{
	const struct trigger_event *ev = &t->event;

	return json_pack("{s:s, s:s, s:o, s:o, s:o, s:s, s:s, s:o, s:I, s:I, "
			 "s:I, s:I}",
		"source", t->source, "stage", stage_names[t->stage], "key",
		json_text(ev->key), "reason", json_text(ev->reason), "case",
		json_text(ev->case_name), "order", ev->order, "pod", ev->pod,
		"gone", json_hex(t->gone_realtime_ns), "flags",
		(json_int_t)ev->flags, "host_goes_ns",
		(json_int_t)ev->gone_realtime_ns, "seen_ns",
		(json_int_t)ev->seen_realtime_ns, "seen_boot_ns",
		(json_int_t)ev->seen_boot_ns);
}

static json_t *state_json(const struct state *s)
{
	json_t *triggers = json_array(), *orders = json_array();

	for (size_t i = 0; i < s->triggers_n; i++)
		triggers = json_append(triggers, trigger_json(&s->triggers[i]));
	for (size_t i = 0; i < s->orders_n; i++)
		orders = json_append(
			orders, json_pack("[o, I]", json_hex(s->orders[i].id),
					(json_int_t)s->orders[i].until));
	return json_pack("{s:o, s:o, s:O, s:O}", "triggers", triggers, "orders",
		orders, list_names[0], s->lists[0], list_names[1], s->lists[1]);
}

int state_save(struct state *s, struct err *e)
{
	AUTO_JSON json_t *j = state_json(s);
	AUTO_BUF struct buf text = { 0 };
	int r;

	buf_init(&text, STATE_BYTES_MAX);
	r = json_encode(&text, j, JSON_INDENT(1), e);
	if (r == 0)
		r = io_replace(s->path, text.data, text.len, 0600, e);
	return r < 0 ? err_wrap(e, r, "state %s", s->path) : 0;
}

/* False where it is missing or does not fit. */
static bool get_text(char *ret, size_t cap, const json_t *j, const char *key)
{
	const char *text = json_string_value(json_object_get(j, key));

	if (!text || strlen(text) >= cap)
		return false;
	(void)snprintf(ret, cap, "%s", text);
	return true;
}

static uint64_t get_u64(const json_t *j, const char *key)
{
	return (uint64_t)json_integer_value(json_object_get(j, key));
}

static bool load_trigger(struct state *s, const json_t *j)
{
	struct state_trigger t = { .stage = STATE_FINISHED };
	struct trigger_event *ev = &t.event;
	struct state_trigger *added;
	char stage[16];

	if (!get_text(t.source, sizeof(t.source), j, "source") ||
		!get_text(stage, sizeof(stage), j, "stage") ||
		!get_text(ev->key, sizeof(ev->key), j, "key") ||
		!get_text(ev->reason, sizeof(ev->reason), j, "reason") ||
		!get_text(ev->case_name, sizeof(ev->case_name), j, "case") ||
		!get_text(ev->order, sizeof(ev->order), j, "order") ||
		!get_text(ev->pod, sizeof(ev->pod), j, "pod"))
		return false;
	while (t.stage > STATE_WAITS && strcmp(stage, stage_names[t.stage]) != 0)
		t.stage--;
	ev->flags = (unsigned)get_u64(j, "flags");
	ev->gone_realtime_ns = get_u64(j, "host_goes_ns");
	ev->seen_realtime_ns = get_u64(j, "seen_ns");
	ev->seen_boot_ns = get_u64(j, "seen_boot_ns");
	added = state_add(s, t.source, ev);
	if (added) {
		const char *gone = json_string_value(json_object_get(j, "gone"));

		added->stage = t.stage;
		if (gone && num_hex(&added->gone_realtime_ns, gone + 2) < 0)
			return false;
	}
	return added;
}

static bool load(struct state *s, const json_t *j)
{
	const json_t *v;
	size_t i;

	json_array_foreach(json_object_get(j, "triggers"), i, v)
	{
		if (!load_trigger(s, v))
			return false;
	}
	json_array_foreach(json_object_get(j, "orders"), i, v)
	{
		const char *id = json_string_value(json_array_get(v, 0));
		uint64_t number;

		if (!id || strlen(id) < 3 || num_hex(&number, id + 2) < 0)
			return false;
		(void)state_use_order(s, number,
			(uint32_t)json_integer_value(json_array_get(v, 1)), 0);
	}
	for (size_t list = 0; list < ARRAY_LEN(s->lists); list++)
		json_array_foreach(json_object_get(j, list_names[list]), i, v)
		{
			state_note(s, (enum state_list)list,
				json_incref((json_t *)(uintptr_t)v));
		}
	return true;
}

static int read_state(struct state *s, bool *damaged, struct err *e)
{
	AUTO_BUF struct buf text = { 0 };
	AUTO_JSON json_t *j = NULL;
	int r;

	buf_init(&text, STATE_BYTES_MAX);
	r = io_slurp(AT_FDCWD, s->path, &text, e);
	if (r == -ENOENT)
		return 0;
	if (r == 0)
		r = json_decode(&j, text.data, text.len, e);
	if (r == -ENOMEM)
		return r;
	*damaged = r < 0 || !load(s, j);
	return 0;
}

/* The directory is locked: a file that is would have to be left or raced for. */
static int take_lock(struct state *s, struct err *e)
{
	char dir[PATH_CHARS];
	char *slash;

	(void)snprintf(dir, sizeof(dir), "%s", s->path);
	slash = strrchr(dir, '/');
	if (!slash || slash == dir)
		return err_set(e, -EINVAL, "'%.80s' is no file in a directory",
			s->path);
	*slash = 0;
	if (mkdir(dir, 0700) < 0 && errno != EEXIST)
		return err_sys(e, "make %s", dir);
	s->lock = io_open(AT_FDCWD, dir, O_RDONLY | O_DIRECTORY, 0, e);
	if (s->lock < 0)
		return s->lock;
	if (flock(s->lock, LOCK_EX | LOCK_NB) < 0)
		return err_set(e, -EBUSY, "another watch runs: it holds %s", dir);
	return 0;
}

int state_open(struct state **ret, const char *path, bool *damaged, struct err *e)
{
	struct state *s = calloc(1, sizeof(*s));
	int r = 0;

	if (!s)
		return err_set(e, -ENOMEM, "no memory for the state");
	s->lock = -1;
	*damaged = false;
	for (size_t i = 0; i < ARRAY_LEN(s->lists); i++) {
		s->lists[i] = json_array();
		if (!s->lists[i])
			r = err_set(e, -ENOMEM, "no memory for the state");
	}
	if (strlen(path) >= sizeof(s->path))
		r = err_set(e, -ENAMETOOLONG, "%.80s...: too long", path);
	(void)snprintf(s->path, sizeof(s->path), "%s", path);
	if (r == 0)
		r = take_lock(s, e);
	if (r == 0)
		r = read_state(s, damaged, e);
	if (r < 0) {
		state_close(s);
		return r;
	}
	*ret = s;
	return 0;
}

void state_close(struct state *s)
{
	if (!s)
		return;
	if (s->lock >= 0)
		(void)close(s->lock);
	for (size_t i = 0; i < ARRAY_LEN(s->lists); i++)
		json_decref(s->lists[i]);
	free(s);
}

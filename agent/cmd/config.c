// SPDX-License-Identifier: Apache-2.0
#include <errno.h>
#include <stdarg.h>
#include <stdbool.h>
#include <string.h>

#include "base/err.h"
#include "cmd/config.h"
#include "cmd/config_internal.h"

static void add_error(struct config_errors *errors, const char *path, int line,
	const char *fmt, ...) __attribute__((format(printf, 4, 5)));

static void add_error(struct config_errors *errors, const char *path, int line,
	const char *fmt, ...)
{
	char *at;
	va_list ap;
	int n;

	if (errors->n == CONFIG_ERRORS_MAX)
		return;
	at = errors->v[errors->n++];
	n = snprintf(at, CONFIG_ERROR_CHARS, "%.120s:%d: ", path, line);
	va_start(ap, fmt);
	(void)vsnprintf(at + n, CONFIG_ERROR_CHARS - (size_t)n, fmt, ap);
	va_end(ap);
}

/* The words of [watch] and [orders], by the table of trigger sources. */
#define AT(field) offsetof(struct watch_settings, field)

static const struct trigger_key watch_keys[] = {
	{ "name", TRIGGER_WORDS, AT(names), 0, 0 },
	{ "state", TRIGGER_TEXT, AT(state), 0, 0 },
	{ "metrics", TRIGGER_TEXT, AT(metrics), 0, 0 },
	{ "again-after", TRIGGER_NUMBER, AT(again_after), 0,
		WATCH_AGAIN_SECONDS_MAX },
	{ "jitter-ms", TRIGGER_NUMBER, AT(jitter_ms), 0, WATCH_JITTER_MS_MAX },
};

static const struct watch_settings watch_defaults = {
	.state = CONFIG_STATE_PATH,
	.again_after = WATCH_AGAIN_SECONDS,
};

static const struct trigger_kind watch_kind = {
	.name = "watch",
	.settings_bytes = sizeof(struct watch_settings),
	.defaults = &watch_defaults,
	.keys = watch_keys,
	.keys_n = ARRAY_LEN(watch_keys),
};

static const char *trigger_of(const struct section *s)
{
	return strncmp(s->name, "trigger ", 8) == 0 ? s->name + 8 : NULL;
}

static void load_keys(struct config *c, void *settings,
	const struct trigger_kind *kind, const struct section *s,
	struct config_errors *errors)
{
	for (size_t i = 0; i < s->items_n; i++) {
		const struct item *it = &s->items[i];
		struct err why = { 0 };
		int r;

		if (trigger_of(s) && strcmp(it->name, "plan") == 0)
			continue;
		for (size_t k = 0; k < i; k++)
			if (strcmp(s->items[k].name, it->name) == 0)
				add_error(errors, c->path, it->line,
					"'%s' is given twice", it->name);
		r = trigger_key_set(settings, kind, it->name, it->value, &why);
		if (r == -ENOENT)
			add_error(errors, c->path, it->line, "[%s] has no '%s'",
				s->name, it->name);
		else if (r < 0)
			add_error(errors, c->path, it->line, "%s: %s", it->name,
				why.msg);
	}
}

static void load_trigger(
	struct config *c, struct section *s, struct config_errors *errors)
{
	const struct trigger_kind *kind = trigger_kind_find(trigger_of(s));
	struct watch_source *to = &c->watch.sources[c->watch.sources_n];
	struct err why = { 0 };

	if (!kind) {
		add_error(errors, c->path, s->line, "no trigger source '%s'",
			trigger_of(s));
		return;
	}
	if (c->watch.sources_n == BELL_FEEDS_MAX) {
		add_error(errors, c->path, s->line,
			"more than %d trigger sources", BELL_FEEDS_MAX);
		return;
	}
	s->settings = malloc(kind->settings_bytes);
	if (!s->settings) {
		add_error(errors, c->path, s->line, "no memory");
		return;
	}
	memcpy(s->settings, kind->defaults, kind->settings_bytes);
	load_keys(c, s->settings, kind, s, errors);
	if (kind->check && kind->check(s->settings, &why) < 0)
		add_error(errors, c->path, s->line, "[%s]: %s", s->name, why.msg);
	to->kind = kind;
	to->settings = s->settings;
	for (size_t i = 0; i < s->items_n; i++)
		if (strcmp(s->items[i].name, "plan") == 0) {
			to->plan = s->items[i].value;
			if (!config_find_plan(c, to->plan))
				add_error(errors, c->path, s->items[i].line,
					"there is no [plan %s]", to->plan);
		}
	c->watch.sources_n++;
}

static int hex_key(uint8_t ret[ORDER_KEY_BYTES], const char *text)
{
	char byte[3] = "";
	uint64_t v;

	if (strlen(text) != 2UL * ORDER_KEY_BYTES)
		return -EINVAL;
	for (size_t i = 0; i < ORDER_KEY_BYTES; i++) {
		memcpy(byte, text + 2 * i, 2);
		if (num_hex(&v, byte) < 0)
			return -EINVAL;
		ret[i] = (uint8_t)v;
	}
	return 0;
}

static void load_orders(
	struct config *c, const struct section *s, struct config_errors *errors)
{
	struct watch_config *w = &c->watch;

	for (size_t i = 0; i < s->items_n; i++) {
		const struct item *it = &s->items[i];

		if (strcmp(it->name, "key") != 0)
			add_error(errors, c->path, it->line,
				"[orders] has no '%s'", it->name);
		else if (w->order_keys_n == ORDER_KEYS_MAX)
			add_error(errors, c->path, it->line,
				"more than %d keys", ORDER_KEYS_MAX);
		else if (hex_key(w->order_keys[w->order_keys_n++], it->value) < 0)
			add_error(errors, c->path, it->line,
				"key: not 64 hexadecimal digits, as icelab "
				"order --new-key prints them");
	}
}

/* The item that is to blame for the error there; NULL = what is missing. */
static struct item *blame(struct config *c, int line)
{
	for (size_t i = 0; i < c->sections_n; i++)
		for (size_t k = 0; k < c->sections[i].items_n; k++)
			if (c->sections[i].items[k].line == line)
				return &c->sections[i].items[k];
	return NULL;
}

static bool any_is_bad(const struct config *c)
{
	for (size_t i = 0; i < c->sections_n; i++)
		for (size_t k = 0; k < c->sections[i].items_n; k++)
			if (c->sections[i].items[k].is_bad)
				return true;
	return false;
}

/* Parsed again without each item that was wrong, to find the next one. */
static void load_plan(
	struct config *c, const struct section *s, struct config_errors *errors)
{
	struct watch_config *w = &c->watch;
	struct item *bad;

	if (*config_plan_of(s)) {
		if (w->plans_n == WATCH_PLANS_MAX)
			add_error(errors, c->path, s->line,
				"more than %d plans", WATCH_PLANS_MAX);
		else
			w->plans[w->plans_n++] = config_plan_of(s);
	}
	do {
		struct err why = { 0 };
		int line = s->line;
		int r = config_parse_plan(c, &c->current, s, "", &line, &why);

		bad = r < 0 ? blame(c, line) : NULL;
		/* What is bad is not missing, too. */
		if (r < 0 && (bad || !any_is_bad(c)))
			add_error(errors, c->path, line, "%s", why.msg);
		if (bad)
			bad->is_bad = true;
	} while (bad && errors->n < CONFIG_ERRORS_MAX);
	config_end_plan(&c->current);
}

static void load_section(
	struct config *c, struct section *s, struct config_errors *errors)
{
	for (const struct section *t = c->sections; t < s; t++)
		if (strcmp(t->name, s->name) == 0)
			add_error(errors, c->path, s->line,
				"a second section [%s]", s->name);
	if (trigger_of(s))
		load_trigger(c, s, errors);
	else if (config_plan_of(s))
		load_plan(c, s, errors);
	else if (strcmp(s->name, "watch") == 0)
		load_keys(c, &c->settings, &watch_kind, s, errors);
	else if (strcmp(s->name, "orders") == 0)
		load_orders(c, s, errors);
	else if (strcmp(s->name, "recorder") != 0)
		add_error(errors, c->path, s->line, "no section is called [%s]",
			s->name);
}

/* Whoever has no trigger still is asked by icecore trigger. */
static void add_socket(struct config *c)
{
	for (size_t i = 0; i < c->watch.sources_n; i++)
		if (c->watch.sources[i].kind == trigger_kind_find("socket"))
			return;
	if (c->watch.sources_n < BELL_FEEDS_MAX) {
		const struct trigger_kind *kind = trigger_kind_find("socket");

		c->watch.sources[c->watch.sources_n++] =
			(struct watch_source){ .kind = kind,
				.settings = kind->defaults };
	}
}

int config_load(struct config **ret, const char *path,
	struct config_errors *errors, struct err *e)
{
	struct config *c = config_new(path);
	int r;

	errors->n = 0;
	if (!c)
		return err_set(e, -ENOMEM, "no memory for the configuration");
	c->settings = watch_defaults;
	r = config_read(c, errors, e);
	for (size_t i = 0; r == 0 && i < c->sections_n; i++)
		load_section(c, &c->sections[i], errors);
	if (r == 0 && !config_find_plan(c, ""))
		add_error(errors, path, 1, "there is no section [capture]");
	add_socket(c);
	if (r == 0 && errors->n)
		r = err_set(e, -EINVAL, "%s (and %zu more)", errors->v[0],
			errors->n - 1);
	if (r == 0)
		r = config_finish(c, e);
	if (r < 0) {
		config_free(c);
		return r;
	}
	*ret = c;
	return 0;
}

// SPDX-License-Identifier: Apache-2.0
#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>

#include <ini.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/io.h"
#include "cmd/config_internal.h"

/* libinih reads by lines, and knows neither their numbers nor empty sections. */
struct reading {
	struct config *config;
	struct config_errors *errors;
	const char *at, *end;
	int line;
	int failed; /* no memory, or too much */
};

static void complain(struct reading *rd, int line, const char *what)
{
	struct config_errors *errors = rd->errors;

	if (errors->n < CONFIG_ERRORS_MAX)
		(void)snprintf(errors->v[errors->n++], CONFIG_ERROR_CHARS,
			"%.120s:%d: %s", rd->config->path, line, what);
}

static void add_section(struct reading *rd, const char *name, size_t n)
{
	struct config *c = rd->config;
	struct section *s;

	if (c->sections_n == CONFIG_SECTIONS_MAX) {
		complain(rd, rd->line, "too many sections");
		rd->failed = 1;
		return;
	}
	s = &c->sections[c->sections_n++];
	s->line = rd->line;
	s->name = strndup(name, n);
	if (!s->name)
		rd->failed = 1;
}

/* "[name]" as libinih has it: from the first character of a line. */
static void see_section(struct reading *rd, const char *line)
{
	const char *close;

	line += strspn(line, " \t");
	close = *line == '[' ? strchr(line, ']') : NULL;
	if (close)
		add_section(rd, line + 1, (size_t)(close - line - 1));
}

static char *read_line(char *ret, int cap, void *arg)
{
	struct reading *rd = arg;
	size_t left = (size_t)(rd->end - rd->at), n;
	const char *nl = left ? memchr(rd->at, '\n', left) : NULL;

	if (!left || rd->failed)
		return NULL;
	rd->line++;
	n = nl ? (size_t)(nl - rd->at) + 1 : left;
	if (n >= (size_t)cap || memchr(rd->at, 0, n)) {
		complain(rd, rd->line, "the line is too long, or binary");
		ret[0] = '\n';
		ret[1] = 0;
	} else {
		(void)snprintf(ret, (size_t)cap, "%.*s", (int)n, rd->at);
		see_section(rd, ret);
	}
	rd->at += n;
	return ret;
}

static int on_item(
	void *arg, const char *section, const char *name, const char *value)
{
	struct reading *rd = arg;
	struct config *c = rd->config;
	struct section *s =
		c->sections_n ? &c->sections[c->sections_n - 1] : NULL;
	struct item *it;

	(void)section;
	if (rd->failed)
		return 1;
	if (!s) {
		complain(rd, rd->line, "what comes before the first [section]");
		return 1;
	}
	if (s->items_n == CONFIG_ITEMS_MAX) {
		complain(rd, rd->line, "too many settings in a section");
		return 1;
	}
	it = &s->items[s->items_n++];
	it->line = rd->line;
	it->name = strdup(name);
	it->value = strdup(value);
	if (!it->name || !it->value)
		rd->failed = 1;
	return 1;
}

int config_read(struct config *c, struct config_errors *errors, struct err *e)
{
	struct reading rd = { .config = c, .errors = errors };
	AUTO_BUF struct buf text = { 0 };
	int r, line;

	buf_init(&text, CONFIG_BYTES);
	r = io_slurp(AT_FDCWD, c->path, &text, e);
	if (r < 0)
		return r;
	rd.at = (const char *)text.data;
	rd.end = rd.at + text.len;
	line = ini_parse_stream(read_line, &rd, on_item, &rd);
	if (line > 0)
		complain(&rd, line, "neither [section] nor NAME = VALUE");
	return rd.failed && !errors->n
		       ? err_set(e, -ENOMEM, "no memory for %s", c->path)
		       : 0;
}

struct config *config_new(const char *path)
{
	struct config *c = calloc(1, sizeof(*c));

	if (c)
		c->path = strdup(path);
	if (c && !c->path) {
		free(c);
		return NULL;
	}
	return c;
}

void config_free(struct config *c)
{
	if (!c)
		return;
	config_end_plan(&c->first);
	config_end_plan(&c->current);
	for (size_t i = 0; i < c->sections_n; i++) {
		struct section *s = &c->sections[i];

		for (size_t k = 0; k < s->items_n; k++) {
			free(s->items[k].name);
			free(s->items[k].value);
		}
		free(s->name);
		free(s->settings);
	}
	free(c->path);
	free(c);
}

/* What EC2 calls this host, where its firmware says so (Nitro). */
static void load_instance(struct config *c)
{
	AUTO_BUF struct buf b = { 0 };
	const char *text;

	buf_init(&b, IDENTITY_CHARS);
	if (io_slurp(AT_FDCWD, "/sys/class/dmi/id/board_asset_tag", &b, NULL) < 0)
		return;
	text = buf_string(&b, NULL);
	if (text && strncmp(text, "i-", 2) == 0)
		(void)snprintf(c->instance, sizeof(c->instance), "%.*s",
			(int)strcspn(text, "\n"), text);
}

static int load_names(struct config *c, struct err *e)
{
	struct watch_config *w = &c->watch;
	int r = identity_load(&c->identity, e);

	if (r < 0)
		return r;
	load_instance(c);
	w->names[w->names_n++] = c->identity.name;
	if (c->identity.machine_id[0])
		w->names[w->names_n++] = c->identity.machine_id;
	if (c->instance[0])
		w->names[w->names_n++] = c->instance;
	for (size_t i = 0; i < c->settings.names.n; i++) {
		if (w->names_n == WATCH_NAMES_MAX)
			return err_set(e, -EINVAL, "more than %zu names",
				c->settings.names.n - 1);
		w->names[w->names_n++] = c->settings.names.v[i];
	}
	return 0;
}

int config_finish(struct config *c, struct err *e)
{
	const struct section *s = c->argc ? NULL : config_find_plan(c, "");
	struct capture_options *o = &c->first.options;
	struct watch_config *w = &c->watch;
	int line = 0;
	int r = config_parse_plan(c, &c->first, s, "", &line, e);

	if (r == 0)
		r = load_names(c, e);
	if (r < 0)
		return r;
	w->file = c->path;
	w->state = c->settings.state;
	w->metrics = c->settings.metrics;
	w->again_after_seconds = c->settings.again_after;
	w->jitter_ms = c->settings.jitter_ms;
	w->try_seconds = WATCH_TRY_SECONDS;
	w->case_name = o->plan.case_name;
	w->spool = (struct push_config){ .spool = o->plan.spool,
		.destination = o->plan.destination,
		.store = &o->plan.store,
		.patience_ns = CONFIG_PATIENCE_SECONDS * 1000000000ULL,
		.remove = true };
	return 0;
}

int config_from_options(struct config **ret, const char *socket, int argc,
	char **argv, struct err *e)
{
	struct config *c = config_new("");
	const char *slash = strrchr(socket, '/');
	int r;

	if (!c)
		return err_set(e, -ENOMEM, "no memory for the configuration");
	c->argc = argc;
	c->argv = argv;
	c->socket.path = socket;
	(void)snprintf(c->state, sizeof(c->state), "%.*sstate.json",
		slash ? (int)(slash - socket + 1) : 0, socket);
	c->settings = (struct watch_settings){ .state = c->state,
		.again_after = WATCH_AGAIN_SECONDS };
	c->watch.sources[c->watch.sources_n++] =
		(struct watch_source){ .kind = &trigger_socket,
			.settings = &c->socket };
	r = config_finish(c, e);
	if (r < 0) {
		config_free(c);
		return r;
	}
	*ret = c;
	return 0;
}

struct watch_config *config_watch(struct config *c)
{
	return &c->watch;
}

const struct recorder_config *config_recorder(const struct config *c)
{
	return &c->first.options.recorder;
}

bool config_has_recorder(const struct config *c)
{
	return c->first.options.with_recorder;
}

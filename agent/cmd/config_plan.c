// SPDX-License-Identifier: Apache-2.0
#include <errno.h>
#include <getopt.h>
#include <string.h>

#include "base/err.h"
#include "base/io.h"
#include "cmd/config_internal.h"

const char *config_plan_of(const struct section *s)
{
	if (strcmp(s->name, "capture") == 0)
		return "";
	return strncmp(s->name, "plan ", 5) == 0 ? s->name + 5 : NULL;
}

const struct section *config_find_plan(const struct config *c, const char *name)
{
	for (size_t i = 0; i < c->sections_n; i++) {
		const char *plan = config_plan_of(&c->sections[i]);

		if (plan && strcmp(plan, name) == 0)
			return &c->sections[i];
	}
	return NULL;
}

static int add_arg(struct plan *p, int line, char *text, struct err *e)
{
	if (!text)
		return err_set(e, -ENOMEM, "no memory for a plan");
	if (p->argc == CONFIG_ARGS_MAX - 1) {
		free(text);
		return err_set(e, -E2BIG, "more than %d settings",
			CONFIG_ARGS_MAX - 1);
	}
	p->lines[p->argc] = line;
	p->argv[p->argc++] = text;
	return 0;
}

static char *join(const char *name, const char *value)
{
	char *text = NULL;

	if (asprintf(&text, "--%s%s%s", name, value ? "=" : "",
		    value ? value : "") < 0)
		return NULL;
	return text;
}

/* Not of a file, but of a command line, or of each capture. */
static int is_not_a_setting(const char *name)
{
	static const char *const names[] = { "name", "help", "quiet", "json",
		"config", "check", "socket", "pod", "pid", "container" };

	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		if (strcmp(names[i], name) == 0)
			return 1;
	return 0;
}

static int add_item(struct plan *p, const struct section *s,
	const struct item *it, struct err *e)
{
	int kind = options_kind(OPTIONS_WATCH, it->name);
	const char *value = it->value;

	if (kind < 0 || is_not_a_setting(it->name))
		return err_set(e, -EINVAL, "[%s] has no '%s'", s->name, it->name);
	if (kind == no_argument) {
		if (strcmp(value, "no") == 0)
			return 0;
		if (strcmp(value, "yes") != 0)
			return err_set(e, -EINVAL, "%s: '%s' is not yes or no",
				it->name, value);
		value = NULL;
	}
	return add_arg(p, it->line, join(it->name, value), e);
}

static int is_in(const struct section *s, const char *name)
{
	for (size_t i = 0; i < s->items_n; i++)
		if (strcmp(s->items[i].name, name) == 0)
			return 1;
	return 0;
}

/* What the plan says itself stands for what [capture] says. */
static int add_section(struct plan *p, const struct section *s,
	const struct section *over, int freezes, int *line, struct err *e)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < s->items_n; i++) {
		if (s->items[i].is_bad || (over && is_in(over, s->items[i].name)))
			continue;
		/* Whole hosts do not stand still. */
		if (!freezes && strcmp(s->items[i].name, "freeze") == 0)
			continue;
		*line = s->items[i].line;
		r = add_item(p, s, &s->items[i], e);
	}
	return r;
}

static int add_recorder(
	struct plan *p, const struct config *c, int *line, struct err *e)
{
	int r = 0;

	for (size_t i = 0; i < c->sections_n; i++) {
		const struct section *s = &c->sections[i];

		if (strcmp(s->name, "recorder") != 0)
			continue;
		for (size_t k = 0; r == 0 && k < s->items_n; k++) {
			struct item it = s->items[k];
			char name[80];

			if (it.is_bad)
				continue;
			*line = it.line;
			(void)snprintf(
				name, sizeof(name), "recorder-%s", it.name);
			it.name = name;
			r = add_item(p, s, &it, e);
		}
	}
	return r;
}

static int add_file(struct config *c, struct plan *p, const struct section *s,
	int freezes, int *line, struct err *e)
{
	const struct section *base = config_find_plan(c, "");
	int r = add_recorder(p, c, line, e);

	if (r == 0 && base && base != s)
		r = add_section(p, base, s, freezes, line, e);
	return r < 0 ? r : add_section(p, s, NULL, freezes, line, e);
}

static int add_argv(struct config *c, struct plan *p, struct err *e)
{
	int r = 0;

	for (int i = 1; r == 0 && i < c->argc; i++)
		r = add_arg(p, 0, strdup(c->argv[i]), e);
	return r;
}

int config_parse_plan(struct config *c, struct plan *ret,
	const struct section *s, const char *pod, int *line, struct err *e)
{
	int r;

	config_end_plan(ret);
	r = add_arg(ret, 0, strdup("watch"), e);
	if (r == 0)
		r = c->argc ? add_argv(c, ret, e)
			    : add_file(c, ret, s, *pod != 0, line, e);
	if (r == 0 && *pod)
		r = add_arg(ret, 0, join("pod", pod), e);
	/* So that the last setting is told from what all of them lack. */
	if (r == 0)
		r = add_arg(ret, s ? s->line : 0, join("quiet", NULL), e);
	if (r < 0)
		return r;
	opterr = 0;
	optind = 0;
	r = options_parse(&ret->options, OPTIONS_WATCH, ret->argc, ret->argv, e);
	if (r < 0 && optind > 0 && optind <= ret->argc)
		*line = ret->lines[optind - 1];
	opterr = 1;
	return r;
}

void config_end_plan(struct plan *p)
{
	for (int i = 0; i < p->argc; i++)
		free(p->argv[i]);
	*p = (struct plan){ .argc = 0 };
}

int config_plan(struct config *c, struct capture_options **ret,
	const char *plan, const char *pod, struct err *e)
{
	const struct section *s = c->argc ? NULL : config_find_plan(c, plan);
	int line = 0, r;

	if (!c->argc && !s)
		return err_set(e, -ENOENT, "there is no plan '%s'", plan);
	r = config_parse_plan(c, &c->current, s, pod, &line, e);
	if (r == 0)
		*ret = &c->current.options;
	return r;
}

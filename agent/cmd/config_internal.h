/* SPDX-License-Identifier: Apache-2.0 */
/* Between config.c, config_read.c and config_plan.c. */
#ifndef CMD_CONFIG_INTERNAL_H
#define CMD_CONFIG_INTERNAL_H

#include <stdbool.h>

#include "base/num.h"
#include "capture/identity.h"
#include "cmd/config.h"
#include "trigger/kind.h"
#include "trigger/socket.h"

#define CONFIG_STATE_PATH "/run/icecore/state.json"

enum {
	CONFIG_ARGS_MAX = 2 * CONFIG_ITEMS_MAX + 8,
	CONFIG_PATH_CHARS = 4096,
	CONFIG_PATIENCE_SECONDS = 30, /* for an object of the spool */
};

struct item {
	char *name, *value;
	int line;
	bool is_bad; /* it was told, and is left out of what is parsed next */
};

struct section {
	char *name;
	int line;
	struct item items[CONFIG_ITEMS_MAX];
	size_t items_n;
	void *settings; /* of a trigger source */
};

struct watch_settings {
	struct trigger_words names;
	const char *state, *metrics;
	uint32_t again_after, jitter_ms;
};

/* A command line made of sections, whose strings it owns, and what it says. */
struct plan {
	char *argv[CONFIG_ARGS_MAX];
	int lines[CONFIG_ARGS_MAX];
	int argc;
	struct capture_options options; /* points into argv */
};

struct config {
	char *path; /* "" = of a command line */
	struct section sections[CONFIG_SECTIONS_MAX];
	size_t sections_n;
	struct watch_settings settings;
	struct watch_config watch;
	struct plan first; /* [capture], which the watch needs all the time */
	struct plan current; /* the one of config_plan() */
	struct identity identity;
	char instance[IDENTITY_CHARS]; /* the cloud's name of this host */
	/* Of a command line, or argc = 0. */
	int argc;
	char **argv;
	struct trigger_socket_settings socket;
	char state[CONFIG_PATH_CHARS];
};

/*
 * config_new(path): NULL when there is no memory; config_free().
 * config_finish(c, e): when all is read, what watch_new() wants.
 */
struct config *config_new(const char *path);
int config_finish(struct config *c, struct err *e) MUST_CHECK;

/*
 * config_read(c, errors, e): the sections of the file c->path.
 */
int config_read(struct config *c, struct config_errors *errors,
	struct err *e) MUST_CHECK;

/*
 * config_parse_plan(c, ret, s, pod, line, e), config_end_plan(p):
 * What [capture] and the plan ${s} say, as options, or with argc the command
 * line; on an error ${line} is where.
 */
int config_parse_plan(struct config *c, struct plan *ret, const struct section *s,
	const char *pod, int *line, struct err *e) MUST_CHECK;
void config_end_plan(struct plan *p);

/*
 * config_find_plan(c, name): its section; NULL = none.
 * config_plan_of(s): the name of the plan, "" = [capture]; NULL = it is none.
 */
const struct section *config_find_plan(const struct config *c, const char *name);
const char *config_plan_of(const struct section *s);

#endif

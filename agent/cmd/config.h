/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The configuration of icecore watch: an INI file.  What [capture] and the
 * plans say are the options of icecore capture, by their long names; the other
 * sections have tables of their own.  README.md and
 * deploy/packages/icecore.conf.example explain it.
 */
#ifndef CMD_CONFIG_H
#define CMD_CONFIG_H

#include <stddef.h>

#include "cmd/options.h"
#include "watch/watch.h"

struct config;
struct err;

enum {
	CONFIG_BYTES = 256 << 10,
	CONFIG_LINE_CHARS = 1024,
	CONFIG_SECTIONS_MAX = 48,
	CONFIG_ITEMS_MAX = 64, /* of a section */
	CONFIG_ERRORS_MAX = 32,
	CONFIG_ERROR_CHARS = 256,
};

struct config_errors {
	char v[CONFIG_ERRORS_MAX][CONFIG_ERROR_CHARS]; /* "FILE:LINE: what" */
	size_t n;
};

/*
 * config_load(ret, path, errors, e), config_free(c):
 * Read and check all of it.  -EINVAL: ${errors} says what is wrong; else
 * ${e} does.
 */
int config_load(struct config **ret, const char *path,
	struct config_errors *errors, struct err *e) MUST_CHECK;
void config_free(struct config *c);

/*
 * config_watch(c): for watch_new(); owned by ${c}.
 * config_recorder(c), config_has_recorder(c): of the flight recorder.
 */
struct watch_config *config_watch(struct config *c);
const struct recorder_config *config_recorder(const struct config *c);
bool config_has_recorder(const struct config *c);

/*
 * config_plan(c, ret, plan, pod, e):
 * The options of the plan of that name, "" is [capture] itself, over one
 * ${pod} only unless that is "".  Owned by ${c} until the next call.
 */
int config_plan(struct config *c, struct capture_options **ret,
	const char *plan, const char *pod, struct err *e) MUST_CHECK;

/*
 * config_from_options(ret, socket, argc, argv, e):
 * The same of a command line that was parsed already: one plan, triggers by
 * its socket only.  It points into ${argv}.
 */
int config_from_options(struct config **ret, const char *socket, int argc,
	char **argv, struct err *e) MUST_CHECK;

#endif

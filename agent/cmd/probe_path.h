/* SPDX-License-Identifier: Apache-2.0 */
/* What icecore probe --to says of the way to a destination. */
#ifndef CMD_PROBE_PATH_H
#define CMD_PROBE_PATH_H

#include <stdbool.h>

#include <jansson.h>

#include "sink/probe.h"

struct err;

struct probe_path {
	const char *to; /* NULL = not asked */
	const char *case_name;
	struct store_config store;
	int result; /* of sink_probe(), and the error */
	struct err why;
	struct sink_probe found;
};

/*
 * probe_path_run(p):
 * Ask, and fill in the rest.
 */
void probe_path_run(struct probe_path *p);

/*
 * probe_path_print(p), probe_path_json(p):
 * For people, on stdout; for programs, NULL when there is no memory.
 */
void probe_path_print(const struct probe_path *p);
json_t *probe_path_json(const struct probe_path *p);

/*
 * probe_path_excess(p):
 * The ticket can do more than add.
 */
bool probe_path_excess(const struct probe_path *p);

#endif

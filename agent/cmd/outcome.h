/* SPDX-License-Identifier: Apache-2.0 */
/* What became of a capture or a triage, told to the user. */
#ifndef CMD_OUTCOME_H
#define CMD_OUTCOME_H

#include "base/cleanup.h"
#include "base/json.h"

struct capture_options;
struct capture_result;
struct err;

/*
 * outcome_tell(o, res, r, why):
 * Print it as ${o} asks, where ${r} is what capture_run() returned and ${why}
 * its error.  Return the exit status.
 */
int outcome_tell(const struct capture_options *o,
	const struct capture_result *res, int r, const struct err *why);

/*
 * outcome_json(res, r, why):
 * The same as an object; NULL when there is no memory.
 */
json_t *outcome_json(
	const struct capture_result *res, int r, const struct err *why);

#endif

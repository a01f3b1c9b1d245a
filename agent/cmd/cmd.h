/* SPDX-License-Identifier: Apache-2.0 */
/* The icecore commands: the only place that prints, and the exit statuses. */
#ifndef CMD_CMD_H
#define CMD_CMD_H

#include <stdatomic.h>

#include "base/cleanup.h"
#include "evidence/age.h"

struct err;

enum cmd_exit {
	CMD_COMPLETE = 0,
	CMD_FAILED = 1,
	CMD_USAGE = 2,
	CMD_GAPS = 3, /* complete with gaps, or ended early in order */
};

/* argv[0] is the command's name; the return is the exit status. */
int cmd_capture(int argc, char **argv);
int cmd_triage(int argc, char **argv);
int cmd_push(int argc, char **argv);
int cmd_probe(int argc, char **argv);
int cmd_watch(int argc, char **argv);
int cmd_trigger(int argc, char **argv);
int cmd_status(int argc, char **argv);

/*
 * cmd_usage(text):
 * Print ${text} to stderr; CMD_USAGE.
 */
int cmd_usage(const char *text);

/*
 * cmd_bad_option(e), cmd_failed(e):
 * Print the error to stderr; CMD_USAGE or CMD_FAILED.
 */
int cmd_bad_option(const struct err *e);
int cmd_failed(const struct err *e);

/*
 * cmd_catch_signals():
 * SIGINT, SIGTERM and SIGALRM end the work in order, a second one at once.
 * Return what they set.
 */
const atomic_bool *cmd_catch_signals(void);

/*
 * cmd_ending(): set by SIGINT and SIGTERM, but not by SIGALRM.
 * cmd_go_on():
 * After SIGALRM ended one piece of work: the next is not interrupted.
 */
const atomic_bool *cmd_ending(void);
void cmd_go_on(void);

/*
 * cmd_reloading():
 * SIGHUP sets it from now on; who has obeyed clears it.
 */
atomic_bool *cmd_reloading(void);

/*
 * cmd_tell(text), cmd_inform(text):
 * A warning, or a line for the journal, that a lower floor hands up.
 */
void cmd_inform(const char *text);
void cmd_tell(const char *text);

#endif

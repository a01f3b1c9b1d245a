/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The tables of places from which something runs by itself, or by which
 * somebody gets in again.
 */
#ifndef DISK_PLACE_H
#define DISK_PLACE_H

#include "base/cleanup.h"

/* What its files are made of; see persist_text.h. */
enum place_form {
	PLACE_FILE, /* a script: the file itself is what runs */
	PLACE_LINES, /* configuration: odd lines are told */
	PLACE_SYSTEM_CRON, /* five fields of time, a user, a command */
	PLACE_USER_CRON, /* the same without a user */
	PLACE_UNIT, /* ini of systemd: Exec...= */
	PLACE_KEYS, /* public keys */
	PLACE_PRELOAD, /* libraries, each of which is loaded everywhere */
	PLACE_PTH, /* python: lines that begin with import are run */
	PLACE_OPAQUE, /* that it is there is what counts; it is not read */
	PLACE_CODE, /* an application's: only what its kind calls odd is told */
	PLACE_PASSWD, /* passwd(5) */
	PLACE_SHADOW, /* shadow(5), of which only names are told */
};

/* Who puts files there, when no package owns them. */
enum place_norm {
	PLACE_ONLY_PACKAGES, /* nobody: one of no package is odd */
	PLACE_ANYBODY, /* installers and administrators do it every day */
	PLACE_EVERYWHERE, /* every system has it: only odd lines are told */
};

struct place {
	const char *kind; /* a rule's name: "cron" */
	const char *technique; /* of MITRE ATT&CK */
	enum place_form form;
	enum place_norm norm;
	const char *const *patterns; /* for walk_glob(); NULL ends them */
};

/*
 * place_next(at): the place after ${at}, the first after NULL; NULL at the end.
 */
const struct place *place_next(const struct place *at);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Triggers by a file, or by any file in a directory: it is there, or its
 * content changes.  Its first line is an order or a reason.  What belongs to
 * neither root nor the user of the watch, or others may write, is refused;
 * links are not followed, and names that begin with a dot are left alone.
 */
#ifndef TRIGGER_PATH_H
#define TRIGGER_PATH_H

#include "trigger/kind.h"

enum {
	TRIGGER_PATH_LOOK_MS = 10000, /* besides inotify: it may be made later */
	TRIGGER_PATH_FILES_MAX = 64, /* of a directory */
};

struct trigger_path_settings {
	struct trigger_words path; /* absolute; a file or a directory each */
};

extern const struct trigger_kind trigger_path;

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* Scripts: the line that says who runs them, and who runs scripts at all. */
#ifndef BINARY_SCRIPT_H
#define BINARY_SCRIPT_H

#include <stdbool.h>
#include <stddef.h>

enum { SCRIPT_LINE_BYTES = 256 };

struct script {
	char line[SCRIPT_LINE_BYTES]; /* the first, without "#!"; "" = none */
	char interpreter[SCRIPT_LINE_BYTES];
};

/*
 * script_read(ret, head, len):
 * Whether a file that begins with ${head} is a script.
 */
bool script_read(struct script *ret, const void *head, size_t len);

/*
 * script_is_interpreter(path), script_is_shell(path):
 * By the name of a program: python3.11 is one as well as python.
 */
bool script_is_interpreter(const char *path);
bool script_is_shell(const char *path);

/*
 * script_argument(path, argv, len):
 * Which of the arguments ${argv}, as they lie in the memory of a process that
 * runs the interpreter ${path}, is its script; NULL = none: it runs a command
 * (-c, -m, -e), or reads its input.
 */
const char *script_argument(const char *path, const char *argv, size_t len);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The one file that a command writes, opened before the sandbox is entered,
 * in which no other file can be made or deleted.
 */
#ifndef LAB_OUT_FILE_H
#define LAB_OUT_FILE_H

#include "base/cleanup.h"

struct err;

struct out_file {
	const char *path; /* borrowed; NULL = there is none */
	int fd;
};

/*
 * out_file_open(o, path, e):
 * A new file for its owner only, -EEXIST when it is there; "-" is stdout, and
 * NULL no file at all.
 */
int out_file_open(struct out_file *o, const char *path, struct err *e) MUST_CHECK;

/*
 * out_file_close(o, r, e):
 * Make it durable.  When ${r} is negative or that fails it is emptied, so that
 * nobody takes it for whole.  Return ${r}, or what failed.
 */
int out_file_close(struct out_file *o, int r, struct err *e) MUST_CHECK;

#endif

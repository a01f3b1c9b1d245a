/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What pip and the like installed: NAME-VERSION.dist-info/RECORD beside the
 * modules, a line of CSV for each file, "path,sha256=BASE64,bytes", the path
 * from the directory that the dist-info is in (the specification "Recording
 * installed projects" of Python's packaging authority).  A file that a package
 * of the system owns stays that one's, and a list owns no file of another user
 * than who wrote it.
 */
#ifndef DISK_PYTHON_H
#define DISK_PYTHON_H

#include "disk/packages.h"

packages_loader python_load;

struct python_line {
	struct slice path; /* between quotation marks, two stand for one */
	bool quoted;
	bool has_sha256;
	uint8_t sha256[DIGEST_SHA256_BYTES];
};

/*
 * python_record_line(ret, line): 0, or -EBADMSG for what is no such line.
 */
int python_record_line(struct python_line *ret, struct slice line) MUST_CHECK;

#endif

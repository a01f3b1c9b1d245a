/* SPDX-License-Identifier: Apache-2.0 */
/* Directories of /proc whose names are numbers. */
#ifndef LIVE_DIRECTORY_H
#define LIVE_DIRECTORY_H

#include <stdint.h>

#include "base/cleanup.h"

struct err;

/*
 * directory_numbers(parent, path, see, arg, e):
 * Call ${see} with each name of the directory that is a number of 32 bits,
 * until it returns a negative number, which is then returned.
 */
int directory_numbers(int parent, const char *path,
	int (*see)(void *arg, int fd, uint32_t number, struct err *e),
	void *arg, struct err *e) MUST_CHECK;

#endif

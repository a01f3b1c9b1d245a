/* SPDX-License-Identifier: Apache-2.0 */
/* What came to a container after its image, for the collector of binaries. */
#ifndef COLLECT_BINARY_LAYER_H
#define COLLECT_BINARY_LAYER_H

#include "base/cleanup.h"

struct binary_process;
struct err;

enum {
	BINARY_LAYER_FILES_MAX = 8192, /* of one container */
	BINARY_LAYER_PATH_BYTES = 4096,
};

/*
 * binary_gather_layer(p, e):
 * Every regular file of the upper layer of the overlay that ${p}, if it was
 * chosen, has as its root.
 */
int binary_gather_layer(struct binary_process *p, struct err *e) MUST_CHECK;

/*
 * binary_layer_upper(mountinfo):
 * The upper directory of the overlay at "/", by the text of a mountinfo, which
 * is cut into pieces; NULL = it is no overlay.
 */
const char *binary_layer_upper(char *mountinfo);

#endif

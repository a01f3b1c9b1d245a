/* SPDX-License-Identifier: Apache-2.0 */
/* Opening files below a directory that an attacker may have filled. */
#ifndef BASE_PATH_H
#define BASE_PATH_H

#include "base/cleanup.h"

struct err;

enum { PATH_DEPTH_MAX = 64 };

/*
 * path_open(rootfd, path, flags, e):
 * Open ${path} as if ${rootfd} were "/": neither "..", symbolic links nor
 * magic links lead out.  Uses openat2(RESOLVE_IN_ROOT); on kernels before 5.6
 * it walks the components itself and refuses "..", and symbolic links, with
 * -ELOOP.  Return the descriptor, which the caller closes.
 */
int path_open(int rootfd, const char *path, int flags, struct err *e) MUST_CHECK;

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* Between snapshot.c and snapshot_find.c: the orders of the lists, for qsort().
 */
#ifndef INSPECT_SNAPSHOT_INTERNAL_H
#define INSPECT_SNAPSHOT_INTERNAL_H

#include "inspect/snapshot.h"

int snapshot_by_tid(const void *a, const void *b);
int snapshot_by_at(const void *a, const void *b);
int snapshot_by_inode(const void *a, const void *b);
int snapshot_by_pid(const void *a, const void *b);
int snapshot_by_number(const void *a, const void *b);

#endif

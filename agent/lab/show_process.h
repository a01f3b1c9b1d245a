/* SPDX-License-Identifier: Apache-2.0 */
/* What a process is called in a table. */
#ifndef LAB_SHOW_PROCESS_H
#define LAB_SHOW_PROCESS_H

#include "base/cleanup.h"
#include "icecore/v1/record.pb-c.h"

struct buf;
struct err;

/*
 * show_leader(p):
 * The thread whose id is the process's, else the first; NULL = none.
 */
const Icecore__V1__Thread *show_leader(const Icecore__V1__Process *p);

/*
 * show_container_id(p):
 * As many characters of its container's id as tools print.
 */
ProtobufCBinaryData show_container_id(const Icecore__V1__Process *p);

/*
 * show_command(ret, p, e):
 * Append the arguments with blanks between them, cut where they are long, or
 * the file that runs.
 */
int show_command(struct buf *ret, const Icecore__V1__Process *p,
	struct err *e) MUST_CHECK;

#endif

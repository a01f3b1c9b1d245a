/* SPDX-License-Identifier: Apache-2.0 */
/* Records that no host made, for reports to be tested with. */
#ifndef REPORT_MADE_H
#define REPORT_MADE_H

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "icecore/v1/record.pb-c.h"
#include "stream/writer.h"

extern struct err made_error;

/* What fails ends the program. */
#define MUST(call)                                                             \
	do {                                                                   \
		if ((call) < 0) {                                              \
			(void)fprintf(stderr, "made_evidence: %s\n",           \
				made_error.msg);                               \
			exit(1);                                               \
		}                                                              \
	} while (0)

/* A record with the body that ${message} is. */
#define RECORD(field, BODY, message)                                           \
	{                                                                      \
		.base = PROTOBUF_C_MESSAGE_INIT(                               \
			&icecore__v1__record__descriptor),                     \
		.body_case = ICECORE__V1__RECORD__BODY_##BODY,                 \
		.field = (message)                                             \
	}

/* What the names of a process are. */
struct names {
	ProtobufCBinaryData comm, exe, cwd, argv[3];
	size_t argc;
};

ProtobufCBinaryData made_bytes(const char *s);

/* made_start(pid): when a process began, in nanoseconds since boot. */
uint64_t made_start(uint32_t pid);

void made_put(struct writer *w, Icecore__V1__Record *m);
void made_process(
	struct writer *w, uint32_t pid, uint32_t ppid, const struct names *n);
void made_finding(struct writer *w, const char *sentence, const char *detail,
	uint32_t pid);
void made_gap(struct writer *w, const char *what, const char *reason);
void made_memory(struct writer *w);

/* made_hostile(w): all of them with names that want to be more than text. */
void made_hostile(struct writer *w);
/* What the case and the host of such a capture are called. */
extern const char made_hostile_name[];

#endif

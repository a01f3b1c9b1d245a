/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a capture tells, one thing at a time, as the formats for log stores
 * and timelines want it: with the host that it is of, and a time of the wall
 * clock.
 */
#ifndef EXPORT_ITEM_H
#define EXPORT_ITEM_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/json.h"
#include "icecore/v1/record.pb-c.h"

struct err;
struct export_job;

enum item_kind {
	ITEM_CAPTURE, /* it began, or ended; body is not set */
	ITEM_PROCESS,
	ITEM_SOCKET,
	ITEM_EVENT,
	ITEM_FINDING,
	ITEM_BINARY,
	ITEM_FILE, /* of an attached disk */
	ITEM_PERSISTENCE,
	ITEM_VERDICT,
	ITEM_MODULE,
	ITEM_SESSION,
	ITEM_LOGGED, /* by a log of an attached disk */
	ITEM_GAP,
	ITEM_KINDS,
};

/* Of the signed manifests. */
struct item_host {
	const char *case_name;
	const char *capture;
	const char *name;
	const char *machine_id;
	const char *kernel;
	const char *architecture;
	uint64_t captured_ns; /* CLOCK_REALTIME as it began; 0 = not told */
	uint64_t boot_realtime_ns; /* when CLOCK_BOOTTIME was 0; 0 = not told */
};

struct item {
	enum item_kind kind;
	const struct item_host *host;
	unsigned segment; /* that holds it */
	/* CLOCK_REALTIME, as far as the host's clock is to be believed; of what
	 * has no time of its own, when the capture began. */
	uint64_t time_ns;
	const char *time_means; /* "process started", ... */
	uint32_t netns; /* of a socket */
	/* One of these, by kind. */
	const Icecore__V1__Process *process;
	const Icecore__V1__Socket *socket;
	const Icecore__V1__Event *event;
	const Icecore__V1__Finding *finding;
	const Icecore__V1__Binary *binary;
	const Icecore__V1__DiskFile *file;
	const Icecore__V1__DiskPersistence *persistence;
	const Icecore__V1__DiskVerdict *verdict;
	const Icecore__V1__KernelModule *module;
	const Icecore__V1__UserSession *session;
	const Icecore__V1__DiskEvent *logged;
	const Icecore__V1__Gap *gap;
};

/* A negative return ends it, as records_see says. */
typedef int item_see(void *arg, const struct item *it, struct err *e);

/* What items are made of, record by record. */
struct items {
	struct item_host host;
	item_see *see;
	void *arg;
	uint32_t own_pid; /* the agent's; 0 = not told */
	unsigned segment;
};

/*
 * items_of(items, m, e):
 * Those of one record; a record that tells none is passed over.
 */
int items_of(struct items *items, const Icecore__V1__Record *m,
	struct err *e) MUST_CHECK;

/*
 * items_each(job, see, arg, e):
 * Every item, in the order of the segments.  What the agent itself is and
 * holds is left out.
 */
int items_each(struct export_job *job, item_see *see, void *arg,
	struct err *e) MUST_CHECK;

/*
 * item_text(b), item_join(v, n), item_path(b):
 * Text of the host as JSON: escaped (lab/escape.h); with blanks between; NULL
 * when there is no memory.  At most ITEM_TEXT_BYTES of it, then "...".
 */
enum { ITEM_TEXT_BYTES = 32 << 10, ITEM_TIME_CHARS = 40 };
json_t *item_text(const ProtobufCBinaryData *b);
json_t *item_join(const ProtobufCBinaryData *v, size_t n);

/*
 * item_base_name(path), item_hex(b):
 * The last name of a path; a hash in hexadecimal, ITEM_HASH_BYTES at most.
 * NULL when there is no memory.
 */
enum { ITEM_HASH_BYTES = 64 };
json_t *item_base_name(const ProtobufCBinaryData *path);
json_t *item_hex(const ProtobufCBinaryData *b);

/*
 * item_time(ret, ns):
 * RFC 3339 in UTC with nine digits of the second: "2026-11-23T06:44:25.1...Z".
 */
void item_time(char ret[ITEM_TIME_CHARS], uint64_t ns);

/*
 * item_put(o, key, v):
 * Set a member; ${v} is taken.  Where ${v} or ${o} is NULL the whole of it is
 * no more: *${o} becomes NULL, so that one check at the end is enough.
 */
void item_put(json_t **o, const char *key, json_t *v);

/*
 * item_put_text(o, key, has, b), item_put_u64(o, key, has, v):
 * The same where the field is told, and nothing where it is not.
 */
void item_put_text(
	json_t **o, const char *key, int has, const ProtobufCBinaryData *b);
void item_put_u64(json_t **o, const char *key, int has, uint64_t v);
void item_put_string(json_t **o, const char *key, const char *s);

/*
 * item_name(e): of an event's kind: "exec", "tcp-connect", ...
 */
const char *item_event_name(const Icecore__V1__Event *e);

#endif

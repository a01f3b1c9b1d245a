/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the metadata services of clouds answer, decoded: pure functions over
 * untrusted bytes.
 *
 * EC2: "Instance metadata categories" and "Spot Instance interruption notices"
 * of its user guide.  Azure: learn.microsoft.com, "Azure Instance Metadata
 * Service" and "Scheduled Events for Linux VMs".
 */
#ifndef TRIGGER_IMDS_H
#define TRIGGER_IMDS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/cleanup.h"
#include "base/json.h"

struct err;

enum {
	IMDS_ANSWER_BYTES = 64 << 10, /* of a list, a value, an event */
	IMDS_MACS_MAX = 16, /* interfaces that are looked at */
	IMDS_MAC_CHARS = 18, /* "0a:1b:2c:3d:4e:5f" */
	IMDS_WHAT_CHARS = 32,
	IMDS_ID_CHARS = 64,
	IMDS_NOTICES_MAX = 16,
};

/*
 * imds_list(text, len, e):
 * Whether ${text} can be a list of EC2, a word a line: -EPROTO when it cannot,
 * as when somebody else answers with a page.
 */
int imds_list(const char *text, size_t len, struct err *e) MUST_CHECK;

/*
 * imds_lists(text, len, word):
 * Whether ${word}, or "WORD/", is a line of ${text}.
 */
bool imds_lists(const char *text, size_t len, const char *word);

/*
 * imds_macs(ret, text, len):
 * How many lines of ${text} are MAC addresses, "0a:1b:2c:3d:4e:5f/"; the first
 * IMDS_MACS_MAX of them.
 */
size_t imds_macs(
	char ret[IMDS_MACS_MAX][IMDS_MAC_CHARS], const char *text, size_t len);

/* The host will go away. */
struct imds_notice {
	char id[IMDS_ID_CHARS]; /* "" = it has none */
	char what[IMDS_WHAT_CHARS]; /* "terminate" */
	uint64_t realtime_ns; /* 0 = it does not say when */
};

/*
 * imds_spot(ret, text, len, e):
 * EC2's spot/instance-action.  -EPROTO: it is no JSON object, as when somebody
 * else answers; -EBADMSG: it says of no action; -ENOMEM.
 */
int imds_spot(struct imds_notice *ret, const char *text, size_t len,
	struct err *e) MUST_CHECK;

/*
 * imds_azure_events(ret, text, len, vm, e):
 * How many of the scheduled events end or restart the machine called ${vm};
 * the first IMDS_NOTICES_MAX of them.  -EBADMSG: that is no list of events;
 * -ENOMEM.
 */
int imds_azure_events(struct imds_notice ret[IMDS_NOTICES_MAX],
	const char *text, size_t len, const char *vm, struct err *e) MUST_CHECK;

/*
 * imds_azure_tags(ret, text, len, e):
 * An array of objects, each with the strings "name" and "value"; the caller
 * ends it with json_decref().  -EBADMSG; -ENOMEM.
 */
int imds_azure_tags(
	json_t **ret, const char *text, size_t len, struct err *e) MUST_CHECK;

#endif

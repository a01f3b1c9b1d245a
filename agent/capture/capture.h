/* SPDX-License-Identifier: Apache-2.0 */
/* One acquisition: from the plan to the final manifest. */
#ifndef CAPTURE_CAPTURE_H
#define CAPTURE_CAPTURE_H

#include <stdatomic.h>
#include <stdint.h>

#include "base/cleanup.h"
#include "capture/tsa.h"
#include "cloud/store.h"
#include "coredump/choose.h"
#include "disk/root.h"
#include "evidence/age.h"
#include "icecore/v1/manifest.pb-c.h"
#include "live/source.h"

struct collector;
struct openpgp_keys;
struct err;
struct recorder;
struct volumes;

enum {
	CAPTURE_COLLECTORS_MAX = 32,
	CAPTURE_WORKERS_MAX = 16,
	CAPTURE_LOCATION_CHARS = 4096,
	CAPTURE_REASON_CHARS = 512,
	CAPTURE_CLOUD_AUTO = -1, /* what the firmware says */
	/* Resident memory: what the program needs, and what a worker adds. */
	CAPTURE_BASE_BYTES = 20 << 20,
	CAPTURE_WORKER_BYTES = 22 << 20,
	CAPTURE_MEMORY_BYTES = CAPTURE_BASE_BYTES + 2 * CAPTURE_WORKER_BYTES,
	CAPTURE_SPOOL_BYTES = 1 << 30,
};

/* What capture_run() tells while it runs. */
struct capture_progress {
	uint64_t memory_total_bytes;
	uint64_t memory_done_bytes;
	uint64_t sealed_bytes;
	uint64_t elapsed_ns;
};

/* Why; NULL and 0 are not told. */
struct capture_trigger {
	const char *source, *key, *reason, *order, *pod;
	uint64_t seen_realtime_ns, seen_boot_ns;
	uint64_t host_goes_realtime_ns;
};

/* A plan; everything is borrowed. */
struct capture_plan {
	const char *case_name;
	const char *trigger; /* "command" and the like, as one line */
	const struct capture_trigger *triggers; /* of a watch: each of them */
	size_t triggers_n;
	const char *destination;
	struct store_config store; /* how it is reached, and by which right */
	const char *spool; /* a directory for what cannot be sent; NULL = none */
	uint64_t spool_max_bytes;
	const char *name; /* of the capture; NULL = from time and chance */
	const struct age_recipient *recipients;
	size_t recipients_n;
	const struct collector *collectors[CAPTURE_COLLECTORS_MAX];
	size_t collectors_n;
	int source; /* of memory: enum source_kind, 0 = auto */
	const char *module_path;
	struct live_config live; /* where processes are told */
	struct choice choice; /* of processes; empty = all */
	unsigned freeze_seconds; /* they stand still so long; 0 = they do not */
	/* An attached disk; dir NULL = none, else the host is that of
	 * the disk. */
	struct disk_target disk;
	const struct openpgp_keys *package_keys; /* of packagers; or NULL */
	const struct volumes *volumes; /* it is of; NULL = somebody mounted it */
	unsigned disk_seconds; /* for the host's own; 0 = DISK_LIVE_SECONDS */
	uint64_t disk_bytes; /* of its contents; 0 = DISK_LIVE_BYTES */
	struct recorder *recorder; /* that runs already; NULL = none */
	unsigned leave_out; /* enum collect_leave_out */
	int binaries; /* enum collect_binaries */
	uint64_t binaries_bytes; /* 0 = COLLECT_BINARIES_BYTES */
	unsigned workers; /* see capture_workers() */
	int level; /* of zstd, or STREAM_LEVEL_AUTO */
	uint64_t manifest_ns;
	/* Whom to ask for time and place; see capture/tsa.h, capture/proof.h.
	 * The metadata service is where the store's configuration says. */
	struct tsa_config tsa; /* url NULL = nobody */
	int cloud; /* enum metadata_kind, or CAPTURE_CLOUD_AUTO */
	const atomic_bool *interrupted;
	/* Called a few times a second, from a thread of its own; or NULL. */
	void (*progress)(const struct capture_progress *p);
};

struct capture_result {
	char location[CAPTURE_LOCATION_CHARS];
	char capture_id[64];
	char source[16]; /* of memory, the first one */
	char public_key[65]; /* Ed25519, hexadecimal: what signed it */
	Icecore__V1__Outcome outcome;
	uint64_t segments;
	uint64_t sealed_bytes;
	uint64_t memory_bytes;
	uint64_t memory_gap_bytes;
	uint64_t memory_doubtful_bytes;
	uint64_t gaps;
	uint64_t elapsed_ns;
	uint64_t spooled; /* objects that are not at the destination but here: */
	char spool[CAPTURE_LOCATION_CHARS];
	uint64_t spooled_bytes;
	uint64_t retries; /* of puts, and how long the sink was away in all */
	uint64_t away_ns;
};

/*
 * capture_workers(max_memory_bytes, cpus, e):
 * How many workers keep resident memory under ${max_memory_bytes}, at most
 * one for each of ${cpus}.  -EINVAL when not even one does.
 */
int capture_workers(
	uint64_t max_memory_bytes, unsigned cpus, struct err *e) MUST_CHECK;

enum { CAPTURE_NAME_CHARS = 128 };

/* What a place is called when nobody says. */
struct capture_names {
	char host[CAPTURE_NAME_CHARS];
	char capture[CAPTURE_NAME_CHARS];
};

/*
 * capture_names(ret, e):
 * This host, and a name made of the time and of chance.
 */
int capture_names(struct capture_names *ret, struct err *e) MUST_CHECK;

/*
 * capture_run(ret, plan, e):
 * Take the evidence.  0 when the final manifest stands, whatever its outcome
 * and gaps; else ${e} says what ended it.  ${ret} is filled in as far as it
 * came in either case.
 */
int capture_run(struct capture_result *ret, const struct capture_plan *plan,
	struct err *e) MUST_CHECK;

#endif

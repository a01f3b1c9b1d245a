/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A file of systemd's journal ("Journal File Format" of systemd): a header,
 * objects that lead to each other by their offsets, little-endian.  An attacker
 * may have written it: nothing is followed twice, and nothing leads out of it.
 */
#ifndef TRACE_JOURNAL_FILE_H
#define TRACE_JOURNAL_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/cleanup.h"

struct err;
struct journald_file;

enum {
	JOURNAL_ITEMS_MAX = 1024, /* fields of one entry */
	JOURNAL_FIELD_BYTES = 4096, /* of one field; the rest is not read */
	JOURNAL_UNPACKED_BYTES = 1 << 20, /* of one that is compressed */
};

/* Of the header. */
struct journald_head {
	uint8_t seqnum_id[16];
	uint64_t entries;
	uint64_t first_seqnum;
	uint64_t last_seqnum;
	uint64_t bytes; /* that the file should have */
	bool online; /* nobody closed it */
};

struct journald_entry {
	uint64_t seqnum;
	uint64_t realtime_us;
	uint64_t monotonic_us;
	uint8_t boot[16];
	uint64_t offset;
	uint64_t size;
};

/*
 * journald_open(ret, fd, bytes, e), journald_close(j):
 * Of ${fd}, which stays the caller's, of ${bytes}.  -EBADMSG for what is no
 * journal, -ENOTSUP for one with what this does not know.
 */
int journald_open(struct journald_file **ret, int fd, uint64_t bytes,
	struct err *e) MUST_CHECK;
void journald_close(struct journald_file *j);

const struct journald_head *journald_head(const struct journald_file *j);

typedef int journald_see(
	void *arg, const struct journald_entry *entry, struct err *e);

/*
 * journald_entries(j, skip, see, arg, e):
 * Entries in their order, without the first ${skip}.  -EBADMSG where they lead
 * nowhere; those before were seen.  A negative return of ${see} ends it.
 */
int journald_entries(struct journald_file *j, uint64_t skip, journald_see *see,
	void *arg, struct err *e) MUST_CHECK;

/* "MESSAGE", 7, and what stands behind the "=". */
typedef int journald_field(void *arg, const char *name, size_t name_len,
	const char *value, size_t value_len, struct err *e);

/*
 * journald_fields(j, entry, see, arg, e):
 * The fields of one entry; 1 when some could not be read: damaged, or packed in
 * a way that is not read.
 */
int journald_fields(struct journald_file *j, const struct journald_entry *entry,
	journald_field *see, void *arg, struct err *e) MUST_CHECK;

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What was sent of a spooled capture, kept beside its objects so that a push
 * which broke off is taken up where it ended.  Where nothing can be written,
 * as on a disk that is attached read-only, there is simply no memory of it.
 *
 * A text file of lines "MARK NAME SHA256 DESTINATION": '?' before a put, '+'
 * when it was acknowledged, '-' when the name turned out to be taken.
 */
#ifndef STREAM_JOURNAL_H
#define STREAM_JOURNAL_H

#include <stdbool.h>
#include <stdint.h>

#include "base/cleanup.h"

struct err;
struct journal;

#define JOURNAL_NAME ".sent"

enum {
	JOURNAL_BYTES = 64 << 20,
	JOURNAL_SHA256_BYTES = 32,
};

enum journal_state {
	JOURNAL_UNKNOWN, /* nothing, or that it is not ours */
	JOURNAL_TRIED, /* it may be there */
	JOURNAL_SENT, /* it is there */
};

/*
 * journal_open(ret, dirfd, destination, e):
 * Read the journal in ${dirfd}, of which the lines for ${destination} count,
 * and add to it from now on.  A journal that is no such file is an error; one
 * that cannot be made is none.  Close with journal_close().
 */
int journal_open(struct journal **ret, int dirfd, const char *destination,
	struct err *e) MUST_CHECK;
void journal_close(struct journal *j);

/*
 * journal_state(j, name, sha256):
 * What is known of an object of that name and these bytes.
 */
enum journal_state journal_state(const struct journal *j, const char *name,
	const uint8_t sha256[JOURNAL_SHA256_BYTES]);

/*
 * journal_note(j, state, name, sha256):
 * Add a line; any thread.  Where that cannot be, a later push asks the sink.
 */
void journal_note(struct journal *j, enum journal_state state, const char *name,
	const uint8_t sha256[JOURNAL_SHA256_BYTES]);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The header of an installed package as rpm's databases hold it ("Package File
 * Format" of the LSB, section 25.2, without its magic): how many index entries
 * and how many bytes of data there are, the entries (tag, type, offset, count),
 * the data; big-endian.  Tags are those of rpmtag.h.
 *
 * An attacker may have written it.  Everything is borrowed from the blob.
 */
#ifndef DISK_RPM_HEADER_H
#define DISK_RPM_HEADER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/cleanup.h"
#include "disk/openpgp.h"
#include "disk/slice.h"

struct err;

enum {
	RPM_HEADER_BYTES_MAX = 256 << 20, /* rpm's own limit */
	RPM_ENTRIES_MAX = 65535,
	RPM_FILES_MAX = 1 << 20, /* of one package */
};

/* Of RPMTAG_FILEFLAGS. */
enum rpm_file_flag {
	RPM_FILE_CONFIG = 1 << 0,
	RPM_FILE_DOC = 1 << 1,
	RPM_FILE_MISSING_OK = 1 << 3,
	RPM_FILE_GHOST = 1 << 6,
};

/* Of RPMTAG_FILESTATES. */
enum rpm_file_state {
	RPM_STATE_NORMAL,
	RPM_STATE_REPLACED,
	RPM_STATE_NOT_INSTALLED,
	RPM_STATE_NET_SHARED,
	RPM_STATE_WRONG_COLOR,
};

/* Of RPMTAG_FILEDIGESTALGO, as RFC 4880 numbers them. */
enum rpm_algorithm { RPM_MD5 = 1, RPM_SHA256 = 8 };

struct rpm_array {
	const uint8_t *data; /* NULL = the header has none */
	size_t len; /* bytes to the end of the header's data */
	uint32_t count;
};

struct rpm_header {
	struct slice name;
	struct slice version;
	struct slice release;
	struct slice architecture; /* empty: a key, which is no package */
	uint32_t algorithm; /* enum rpm_algorithm; MD5 where none is told */
	uint32_t files;
	struct rpm_array base_names, dir_names, dir_indexes;
	struct rpm_array digests, flags, states, modes;
};

/*
 * rpm_header_parse(ret, blob, len, e):
 * -EBADMSG for what is no header, or whose arrays of files do not agree.
 */
int rpm_header_parse(struct rpm_header *ret, const uint8_t *blob, size_t len,
	struct err *e) MUST_CHECK;

/*
 * rpm_header_intact(blob, len):
 * Whether the part that the packager made is as its SHA-256 in the same header
 * says: 1, 0 when it is not, -ENODATA when there is none to compare with.
 */
int rpm_header_intact(const uint8_t *blob, size_t len);

/*
 * rpm_header_signed(blob, len, keys, signer, e):
 * Whether that part was signed by one of ${keys}: 0, -ENODATA when it has no
 * signature, or as openpgp_verify().
 */
int rpm_header_signed(const uint8_t *blob, size_t len,
	const struct openpgp_keys *keys, uint8_t signer[OPENPGP_ID_BYTES],
	struct err *e) MUST_CHECK;

/* One of its files. */
struct rpm_file {
	struct slice directory; /* "/usr/bin/" */
	struct slice name;
	struct slice digest; /* hexadecimal; empty = none */
	uint32_t flags; /* enum rpm_file_flag */
	uint16_t mode;
	uint8_t state; /* enum rpm_file_state */
};

struct rpm_files {
	const struct rpm_header *h;
	uint32_t at;
	size_t base, digest; /* how far the strings are read */
	size_t *directories; /* where each begins */
};

/*
 * rpm_files_begin(ret, h, e), rpm_files_next(f, ret), rpm_files_end(f):
 * Its files in order; false at the end, or where the strings end too soon.
 */
int rpm_files_begin(struct rpm_files *ret, const struct rpm_header *h,
	struct err *e) MUST_CHECK;
bool rpm_files_next(struct rpm_files *f, struct rpm_file *ret);
void rpm_files_end(struct rpm_files *f);

#endif

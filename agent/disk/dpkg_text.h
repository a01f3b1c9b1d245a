/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The files of dpkg's database (deb822(5), dpkg(1)), a piece at a time:
 *
 *	status       stanzas of "Field: value", an empty line between them, lines
 *	             that begin with a blank go on; Conffiles has a line for each:
 *	             " /path md5 [obsolete]"
 *	*.md5sums    "md5  path", without the "/" before it
 *	*.list       a path a line; "/." is the root
 *	diversions   three lines: path, where it went, package (":": nobody's)
 *	dpkg.cfg     "path-exclude=GLOB", "path-include=GLOB" among others
 *
 * An attacker may have written them.  Text is borrowed from what was parsed.
 */
#ifndef DISK_DPKG_TEXT_H
#define DISK_DPKG_TEXT_H

#include <stdint.h>

#include "disk/digest.h"
#include "disk/slice.h"

/* What is not told is empty. */
struct dpkg_stanza {
	struct slice name;
	struct slice version;
	struct slice architecture;
	struct slice status; /* "install ok installed" */
	struct slice conffiles; /* lines for dpkg_conffile_line() */
};

/*
 * dpkg_next_stanza(ret, rest): false at the end.  One without a Package field
 * is given too, and its name is empty.
 */
bool dpkg_next_stanza(struct dpkg_stanza *ret, struct slice *rest);

struct dpkg_checksum {
	struct slice path;
	uint8_t md5[DIGEST_MD5_BYTES];
};

/*
 * dpkg_md5sums_line(ret, line), dpkg_conffile_line(ret, line):
 * 0, 1 for a conffile that has no checksum or is obsolete, or -EBADMSG for
 * what is no such line.
 */
int dpkg_md5sums_line(struct dpkg_checksum *ret, struct slice line) MUST_CHECK;
int dpkg_conffile_line(struct dpkg_checksum *ret, struct slice line) MUST_CHECK;

/*
 * dpkg_path_is_sane(path): not empty, no "..", no NUL: packages have no other.
 */
bool dpkg_path_is_sane(struct slice path);

struct dpkg_diversion {
	struct slice from;
	struct slice to;
	struct slice package; /* whose file stays at ${from} */
};

bool dpkg_next_diversion(struct dpkg_diversion *ret, struct slice *rest);

enum dpkg_filter_kind { DPKG_EXCLUDE = 1, DPKG_INCLUDE };

/*
 * dpkg_filter_line(ret, line):
 * enum dpkg_filter_kind, and the pattern; 0 for any other line.
 */
int dpkg_filter_line(struct slice *ret, struct slice line);

#endif

// SPDX-License-Identifier: Apache-2.0
/* What is taken from dpkg's database lies in it, ends, and leads nowhere up. */
#undef NDEBUG
#include <assert.h>
#include <stdint.h>

#include "disk/dpkg_text.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char *begin, *end;

static void check(struct slice s)
{
	assert(!s.len || (s.p >= begin && s.p + s.len <= end));
}

static void check_path(struct slice path)
{
	check(path);
	assert(path.len && !memchr(path.p, 0, path.len));
	assert(!slice_is(path, "..") && !slice_begins(path, "../") &&
		!slice_ends(path, "/..") && !slice_holds(path, "/../"));
}

static void check_lines(struct slice rest)
{
	struct dpkg_checksum sum;
	struct slice line, pattern;

	while (slice_line(&line, &rest)) {
		check(line);
		if (dpkg_md5sums_line(&sum, line) == 0)
			check_path(sum.path);
		if (dpkg_conffile_line(&sum, line) == 0)
			check_path(sum.path);
		if (dpkg_filter_line(&pattern, line))
			check(pattern);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct slice all = { (const char *)data, size }, rest = all;
	struct dpkg_diversion v;
	struct dpkg_stanza s;

	begin = all.p;
	end = all.p + size;
	while (dpkg_next_stanza(&s, &rest)) {
		check(s.name);
		check(s.version);
		check(s.architecture);
		check(s.status);
		check(s.conffiles);
		check_lines(s.conffiles);
	}
	assert(!rest.len);
	check_lines(all);
	for (rest = all; dpkg_next_diversion(&v, &rest);) {
		check(v.from);
		check(v.to);
		check(v.package);
	}
	return 0;
}

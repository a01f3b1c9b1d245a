// SPDX-License-Identifier: Apache-2.0
#include "disk/ucf.h"

#include "base/err.h"
#include "disk/dpkg_text.h"

#define UCF_DIR "/var/lib/ucf/"

static uint32_t find(const struct packages_from *from, struct slice path)
{
	char text[WALK_PATH_BYTES];

	if (!dpkg_path_is_sane(path) || *path.p != '/' ||
		path.len >= sizeof(text))
		return WALK_NONE;
	memcpy(text, path.p, path.len);
	text[path.len] = 0;
	return walk_find(from->w, text, WALK_FOLLOW);
}

static int load_owners(
	struct packages *into, const struct packages_from *from, struct err *e)
{
	AUTO_BUF struct buf b = { 0 };
	int r = packages_slurp(from, UCF_DIR "registry", &b, e);
	struct slice rest = slice_of_buf(&b), line, name;

	while (r > 0 && slice_line(&line, &rest)) {
		uint32_t file = slice_word(&name, &line)
					? find(from, slice_trim(line))
					: WALK_NONE;

		if (file != WALK_NONE && !into->owned[file].package)
			into->owned[file].package = packages_find(into, name);
	}
	return r < 0 ? r : 0;
}

int ucf_load(
	struct packages *into, const struct packages_from *from, struct err *e)
{
	AUTO_BUF struct buf b = { 0 };
	struct slice rest, line;
	int r = into->whole ? load_owners(into, from, e) : 0;

	if (r == 0 && into->whole)
		r = packages_slurp(from, UCF_DIR "hashfile", &b, e);
	rest = slice_of_buf(&b);
	while (r > 0 && slice_line(&line, &rest)) {
		struct packages_owned *o;
		struct dpkg_checksum sum;
		uint32_t file;

		if (dpkg_md5sums_line(&sum, line) < 0) {
			into->bad++;
			continue;
		}
		file = find(from, sum.path);
		o = file == WALK_NONE ? NULL : &into->owned[file];
		if (!o || !o->package || o->checksum)
			continue;
		packages_own(into, file, o->package, PACKAGES_MD5, sum.md5);
		o->conffile = true;
	}
	return r < 0 ? r : 0;
}

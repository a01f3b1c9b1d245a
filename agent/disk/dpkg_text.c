// SPDX-License-Identifier: Apache-2.0
#include <errno.h>

#include "disk/dpkg_text.h"

enum { MD5_CHARS = 2 * DIGEST_MD5_BYTES };

static bool is_continued(struct slice line)
{
	return line.len && (*line.p == ' ' || *line.p == '\t');
}

/* The value of a line "NAME: value". */
static bool field(struct slice *ret, struct slice line, const char *name)
{
	size_t len = strlen(name);

	if (line.len <= len || strncasecmp(line.p, name, len) != 0 ||
		line.p[len] != ':')
		return false;
	*ret = slice_trim((struct slice){ line.p + len + 1, line.len - len - 1 });
	return true;
}

bool dpkg_next_stanza(struct dpkg_stanza *ret, struct slice *rest)
{
	bool any = false, conffiles = false;
	struct slice line;

	*ret = (struct dpkg_stanza){ { "", 0 }, { "", 0 }, { "", 0 }, { "", 0 },
		{ "", 0 } };
	while (slice_line(&line, rest)) {
		if (!line.len && any)
			return true;
		if (!line.len)
			continue;
		any = true;
		if (is_continued(line)) {
			if (conffiles && !ret->conffiles.len)
				ret->conffiles.p = line.p;
			if (conffiles)
				ret->conffiles.len = (size_t)(line.p + line.len -
							      ret->conffiles.p);
			continue;
		}
		conffiles = field(&line, line, "Conffiles");
		if (!field(&ret->name, line, "Package") &&
			!field(&ret->version, line, "Version") &&
			!field(&ret->architecture, line, "Architecture"))
			(void)field(&ret->status, line, "Status");
	}
	return any;
}

static int digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static int md5(uint8_t ret[DIGEST_MD5_BYTES], struct slice word)
{
	if (word.len != MD5_CHARS)
		return -EBADMSG;
	for (size_t i = 0; i < DIGEST_MD5_BYTES; i++) {
		int high = digit(word.p[2 * i]), low = digit(word.p[2 * i + 1]);

		if (high < 0 || low < 0)
			return -EBADMSG;
		ret[i] = (uint8_t)(high << 4 | low);
	}
	return 0;
}

bool dpkg_path_is_sane(struct slice path)
{
	struct slice rest = path;

	if (!path.len || memchr(path.p, 0, path.len))
		return false;
	while (rest.len) {
		const char *end = memchr(rest.p, '/', rest.len);
		struct slice part = { rest.p,
			end ? (size_t)(end - rest.p) : rest.len };

		if (slice_is(part, ".."))
			return false;
		rest.p += part.len + (end ? 1 : 0);
		rest.len -= part.len + (end ? 1 : 0);
	}
	return true;
}

int dpkg_md5sums_line(struct dpkg_checksum *ret, struct slice line)
{
	struct slice sum = { line.p, line.len < MD5_CHARS ? line.len : MD5_CHARS };
	struct slice path = { line.p + sum.len, line.len - sum.len };

	if (md5(ret->md5, sum) < 0 || path.len < 3 || path.p[0] != ' ' ||
		(path.p[1] != ' ' && path.p[1] != '*'))
		return -EBADMSG;
	path.p += 2;
	path.len -= 2;
	if (!dpkg_path_is_sane(path))
		return -EBADMSG;
	ret->path = path;
	return 0;
}

int dpkg_conffile_line(struct dpkg_checksum *ret, struct slice line)
{
	struct slice rest = slice_trim(line), word = { "", 0 };
	size_t at = rest.len;

	if (slice_ends(rest, " remove-on-upgrade"))
		return 1;
	if (slice_ends(rest, " obsolete"))
		return 1;
	while (at && rest.p[at - 1] != ' ')
		at--;
	word.p = rest.p + at;
	word.len = rest.len - at;
	rest = slice_trim((struct slice){ rest.p, at });
	if (!dpkg_path_is_sane(rest) || *rest.p != '/')
		return -EBADMSG;
	ret->path = rest;
	return slice_is(word, "newconffile") ? 1 : md5(ret->md5, word);
}

bool dpkg_next_diversion(struct dpkg_diversion *ret, struct slice *rest)
{
	return slice_line(&ret->from, rest) && slice_line(&ret->to, rest) &&
	       slice_line(&ret->package, rest);
}

int dpkg_filter_line(struct slice *ret, struct slice line)
{
	static const struct {
		const char *text;
		int kind;
	} kinds[] = { { "path-exclude", DPKG_EXCLUDE },
		{ "path-include", DPKG_INCLUDE } };

	line = slice_trim(line);
	for (size_t i = 0; i < ARRAY_LEN(kinds); i++) {
		size_t len = strlen(kinds[i].text);

		if (!slice_begins(line, kinds[i].text) || line.len <= len + 1 ||
			!strchr("= \t", line.p[len]))
			continue;
		*ret = slice_trim(
			(struct slice){ line.p + len + 1, line.len - len - 1 });
		return kinds[i].kind;
	}
	return 0;
}

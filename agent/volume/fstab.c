// SPDX-License-Identifier: Apache-2.0
#include <ctype.h>

#include "volume/fstab.h"

/* A field without its escapes ("\040"); false when it does not fit or holds
 * what no name may. */
static bool unescape(char ret[FSTAB_TEXT_CHARS], struct slice s)
{
	size_t n = 0;

	for (size_t i = 0; i < s.len; i++) {
		unsigned c = (unsigned char)s.p[i], v = 0, digits = 0;

		while (c == '\\' && digits < 3 && i + 1 + digits < s.len &&
			s.p[i + 1 + digits] >= '0' && s.p[i + 1 + digits] <= '7')
			v = v * 8 + (unsigned)(s.p[i + 1 + digits++] - '0');
		if (digits == 3) {
			c = v;
			i += 3;
		}
		if (!c || c > 255 || n == FSTAB_TEXT_CHARS - 1)
			return false;
		ret[n++] = (char)c;
	}
	ret[n] = 0;
	return n;
}

/* TAG=value, the value maybe in quotes. */
static bool by_tag(struct fstab_line *ret)
{
	static const struct {
		const char *tag;
		enum fstab_by by;
	} tags[] = {
		{ "UUID=", FSTAB_BY_UUID },
		{ "LABEL=", FSTAB_BY_LABEL },
		{ "PARTUUID=", FSTAB_BY_PARTITION_UUID },
		{ "PARTLABEL=", FSTAB_BY_PARTITION_LABEL },
		{ "/dev/disk/by-uuid/", FSTAB_BY_UUID },
		{ "/dev/disk/by-label/", FSTAB_BY_LABEL },
		{ "/dev/disk/by-partuuid/", FSTAB_BY_PARTITION_UUID },
		{ "/dev/disk/by-partlabel/", FSTAB_BY_PARTITION_LABEL },
	};

	for (size_t i = 0; i < ARRAY_LEN(tags); i++) {
		const char *v = ret->spec + strlen(tags[i].tag);
		size_t len;

		if (strncmp(ret->spec, tags[i].tag, strlen(tags[i].tag)) != 0)
			continue;
		len = strlen(v);
		if (len > 1 && v[0] == '"' && v[len - 1] == '"')
			v++, len -= 2;
		ret->by = tags[i].by;
		(void)snprintf(
			ret->value, sizeof(ret->value), "%.*s", (int)len, v);
		return len;
	}
	return false;
}

/* "/dev/mapper/group-logical", in which a hyphen of a name is doubled. */
static bool by_mapper(struct fstab_line *ret)
{
	const char *s = ret->spec + strlen("/dev/mapper/");
	bool cut = false;
	size_t n = 0;

	if (strncmp(ret->spec, "/dev/mapper/", strlen("/dev/mapper/")) != 0)
		return false;
	for (; *s; s++) {
		bool hyphen = s[0] == '-', doubled = hyphen && s[1] == '-';

		ret->value[n++] = hyphen && !doubled && !cut ? '/' : *s;
		cut = cut || (hyphen && !doubled);
		s += doubled;
	}
	ret->value[n] = 0;
	ret->by = FSTAB_BY_LOGICAL;
	return cut;
}

/* The number that a name ends with: "sda2", "vda2", "nvme0n1p2", "mmcblk0p2";
 * one digit behind another's needs a 'p' between. */
static unsigned partition_of(const char *name)
{
	size_t len = strlen(name), digits = 0;
	unsigned v = 0;

	while (digits < len && digits < 4 &&
		isdigit((unsigned char)name[len - 1 - digits]))
		digits++;
	for (size_t i = len - digits; i < len; i++)
		v = v * 10 + (unsigned)(name[i] - '0');
	name += strlen("/dev/");
	len -= strlen("/dev/");
	if (strncmp(name, "nvme", 4) == 0 || strncmp(name, "mmcblk", 6) == 0)
		return len > digits && name[len - digits - 1] == 'p' ? v : 0;
	return v;
}

/* "/dev/group/logical", "/dev/sda2"; what has another form ("/dev/mapper/crypt")
 * is as a logical volume that is not there. */
static bool by_device(struct fstab_line *ret)
{
	const char *name = ret->spec + strlen("/dev/"), *slash;

	if (strncmp(ret->spec, "/dev/", strlen("/dev/")) != 0 || !*name)
		return false;
	slash = strchr(name, '/');
	(void)snprintf(ret->value, sizeof(ret->value), "%s", name);
	ret->by = slash ? FSTAB_BY_LOGICAL : FSTAB_BY_POSITION;
	if (!slash)
		ret->partition = partition_of(ret->spec);
	return true;
}

static bool take_spec(struct fstab_line *ret, struct slice s)
{
	return unescape(ret->spec, s) &&
	       (by_tag(ret) || by_mapper(ret) || by_device(ret));
}

static struct slice next_option(struct slice *rest)
{
	const char *comma = memchr(rest->p, ',', rest->len);
	struct slice one = { rest->p,
		comma ? (size_t)(comma - rest->p) : rest->len };

	rest->p += one.len + (comma ? 1 : 0);
	rest->len -= one.len + (comma ? 1 : 0);
	return one;
}

/* False for what is no mount of its own. */
static bool take_options(struct fstab_line *ret, struct slice rest)
{
	static const char name[] = "subvol=", id[] = "subvolid=";

	while (rest.len) {
		struct slice one = next_option(&rest);

		if (slice_is(one, "bind") || slice_is(one, "rbind"))
			return false;
		if (slice_begins(one, name)) {
			one.p += strlen(name);
			one.len -= strlen(name);
			if (!unescape(ret->subvolume, one))
				return false;
		} else if (slice_begins(one, id)) {
			for (size_t i = strlen(id); i < one.len && i < 24; i++)
				if (isdigit((unsigned char)one.p[i]))
					ret->subvolume_id =
						ret->subvolume_id * 10 +
						(unsigned)(one.p[i] - '0');
		}
	}
	return true;
}

static bool mounts_nothing(struct slice type)
{
	static const char *const types[] = { "swap", "none", "ignore", "proc",
		"sysfs", "tmpfs", "devtmpfs", "devpts", "nfs", "nfs4", "cifs",
		"overlay", "efivarfs", "debugfs", "cgroup", "cgroup2" };

	for (size_t i = 0; i < ARRAY_LEN(types); i++)
		if (slice_is(type, types[i]))
			return true;
	return slice_begins(type, "fuse");
}

static bool take_line(struct fstab_line *ret, struct slice line)
{
	struct slice spec, where, type, options;

	*ret = (struct fstab_line){ 0 };
	if (!slice_word(&spec, &line) || *spec.p == '#' ||
		!slice_word(&where, &line) || !slice_word(&type, &line) ||
		mounts_nothing(type) || *where.p != '/')
		return false;
	return unescape(ret->where, where) &&
	       (!slice_word(&options, &line) || take_options(ret, options)) &&
	       take_spec(ret, spec);
}

bool fstab_next(struct fstab_line *ret, struct slice *rest)
{
	struct slice line;

	while (slice_line(&line, rest))
		if (take_line(ret, line))
			return true;
	return false;
}

size_t fstab_depth(const char *where)
{
	size_t n = 0;

	for (const char *p = where; *p; p++)
		n += *p != '/' && (p == where || p[-1] == '/');
	return n;
}

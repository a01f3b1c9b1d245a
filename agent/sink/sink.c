// SPDX-License-Identifier: Apache-2.0
#include <errno.h>

#include "base/err.h"
#include "sink/sink_internal.h"

static const struct sink_ops *const kinds[] = { &sink_directory };

int sink_check_name(const char *what, const char *name, struct err *e)
{
	static const char allowed[] = "abcdefghijklmnopqrstuvwxyz"
				      "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				      "0123456789._-";
	size_t len = strlen(name);

	if (len == 0 || len > SINK_NAME_MAX || name[0] == '.' ||
		strspn(name, allowed) != len)
		return err_set(e, -EINVAL,
			"%s '%.140s': only letters, digits, '.', '_' and '-', "
			"not beginning with '.', at most %d",
			what, name, SINK_NAME_MAX);
	return 0;
}

int sink_open(struct sink **ret, const char *url,
	const struct sink_place *place, struct err *e)
{
	const char *sep = strstr(url, "://");
	int r = sink_check_name("case", place->case_name, e);

	if (r == 0)
		r = sink_check_name("host", place->host, e);
	if (r == 0)
		r = sink_check_name("capture", place->capture, e);
	if (r < 0)
		return r;
	if (!sep)
		return sink_directory.open(ret, url, place, e);
	for (size_t i = 0; i < ARRAY_LEN(kinds); i++) {
		size_t n = strlen(kinds[i]->scheme);

		if (strncmp(url, kinds[i]->scheme, n) == 0)
			return kinds[i]->open(ret, url + n, place, e);
	}
	return err_set(e, -EPROTONOSUPPORT,
		"no way to write to '%.*s://' (there is: a directory, file://)",
		(int)(sep - url > 32 ? 32 : sep - url), url);
}

void sink_close(struct sink *s)
{
	if (s)
		s->ops->close(s);
}

int sink_put(struct sink *s, const struct sink_object *o, struct err *e)
{
	int r = s->ops->put(s, o, e);

	return r < 0 ? err_wrap(e, r, "%s", o->name) : 0;
}

const char *sink_location(const struct sink *s)
{
	return s->location;
}

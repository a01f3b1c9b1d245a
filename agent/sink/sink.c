// SPDX-License-Identifier: Apache-2.0
#include <errno.h>

#include "base/err.h"
#include "sink/sink_internal.h"

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

int sink_open(struct sink **ret, const char *url, const struct sink_place *place,
	const struct store_config *config, struct err *e)
{
	size_t scheme = strcspn(url, ":@/ ");
	int r = sink_check_name("case", place->case_name, e);

	if (r == 0)
		r = sink_check_name("host", place->host, e);
	if (r == 0)
		r = sink_check_name("capture", place->capture, e);
	if (r < 0)
		return r;
	if (!strstr(url, "://"))
		return sink_directory.open(ret, url, place, config, e);
	if (strncmp(url, "file://", 7) == 0)
		return sink_directory.open(ret, url + 7, place, config, e);
	if (url_has_scheme(url))
		return sink_remote.open(ret, url, place, config, e);
	/* A scheme is of letters; what else is there may be a password. */
	return err_set(e, -EPROTONOSUPPORT,
		"no way to write to '%.*s://' (there is: a directory, file://, "
		"s3://, gs://, azure://, https://)",
		(int)(scheme > 32 ? 32 : scheme), url);
}

void sink_close(struct sink *s)
{
	if (s)
		s->ops->close(s);
}

int sink_put(struct sink *s, const struct sink_object *o, struct sink_try *t,
	struct err *e)
{
	int r;

	t->retry_after_seconds = 0;
	r = s->ops->put(s, o, t, e);
	if (r == -EEXIST && t->maybe_there) {
		t->was_there = true;
		return 0;
	}
	/* Some stores answer so when it is there; others, when the right to
	 * add was taken away in the meantime.  That is not for us to guess. */
	if (r == -EACCES && t->maybe_there)
		return err_wrap(e, r,
			"%s: a try whose answer was lost may have stored it, "
			"icelab pull will tell; now",
			o->name);
	return r < 0 ? err_wrap(e, r, "%s", o->name) : 0;
}

int sink_renew(struct sink *s, const struct sink_try *t, struct err *e)
{
	return s->ops->renew(s, t, e);
}

int sink_directory_fd(const struct sink *s)
{
	return s->ops->directory_fd ? s->ops->directory_fd(s) : -1;
}

unsigned sink_uploads(const struct sink *s)
{
	return s->ops->uploads;
}

const char *sink_location(const struct sink *s)
{
	return s->location;
}

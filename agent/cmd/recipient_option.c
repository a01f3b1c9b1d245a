// SPDX-License-Identifier: Apache-2.0
#include <errno.h>
#include <fcntl.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/io.h"
#include "cmd/options.h"
#include "cmd/recipient_option.h"

enum { RECIPIENTS_FILE_BYTES = 16 << 10 };

int recipient_option(struct capture_options *o, const char *text, struct err *e)
{
	if (o->plan.recipients_n == AGE_RECIPIENTS_MAX)
		return err_set(e, -EINVAL, "more than %d recipients",
			AGE_RECIPIENTS_MAX);
	return age_recipient_decode(
		&o->recipients[o->plan.recipients_n++], text, e);
}

int recipient_option_file(
	struct capture_options *o, const char *path, struct err *e)
{
	AUTO_BUF struct buf b = { 0 };
	char *text, *next;
	int r;

	buf_init(&b, RECIPIENTS_FILE_BYTES);
	r = io_slurp(AT_FDCWD, path, &b, e);
	text = r == 0 ? buf_string(&b, e) : NULL;
	if (r == 0 && !text)
		r = -EFBIG;
	for (; r == 0 && text && *text; text = next) {
		next = text + strcspn(text, "\n");
		if (*next)
			*next++ = 0;
		if (*text && *text != '#')
			r = recipient_option(o, text, e);
	}
	return r < 0 ? err_wrap(e, r, "recipients file %s", path) : 0;
}

// SPDX-License-Identifier: Apache-2.0
#include <errno.h>
#include <inttypes.h>

#include "base/err.h"
#include "base/io.h"
#include "base/json.h"

json_t *json_hex(uint64_t v)
{
	char text[24];

	(void)snprintf(text, sizeof(text), "%#" PRIx64, v);
	return json_string(text);
}

int json_print(int fd, const json_t *j, struct err *e)
{
	AUTO_FREE char *text = j ? json_dumps(j, JSON_INDENT(2)) : NULL;
	int r;

	if (!text)
		return err_set(e, -ENOMEM, "no memory for the JSON text");
	r = io_write(fd, text, strlen(text), e);
	return r < 0 ? r : io_write(fd, "\n", 1, e);
}

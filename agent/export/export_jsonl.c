// SPDX-License-Identifier: Apache-2.0
/* Every record as it is: {"KIND": {...}, "segment": N}. */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>

#include "base/err.h"
#include "export/export.h"
#include "export/lines.h"
#include "lab/message_json.h"
#include "lab/reader.h"
#include "lab/records.h"

static int see(void *arg, const struct reader_segment *s,
	const Icecore__V1__Record *m, struct err *e)
{
	json_t *j = message_json(&m->base);

	if (!j || json_object_set_new(j, "segment", json_integer(s->number)) < 0) {
		json_decref(j);
		return err_set(e, -ENOMEM, "no memory for a record");
	}
	return lines_json(arg, j, e);
}

int export_jsonl(struct export_job *job, struct err *e)
{
	AUTO_LINES struct lines l = { .fd = -1 };
	const struct records_pass pass = {
		.keys = job->keys, .see = see, .arg = &l
	};
	int r = lines_init(&l, job->fd, e);

	if (r == 0)
		r = records_each(job->r, &pass, e);
	if (r == 0)
		r = lines_finish(&l, e);
	if (r == 0)
		(void)fprintf(stderr, "%" PRIu64 " records\n", l.n);
	return r;
}

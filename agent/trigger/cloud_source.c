// SPDX-License-Identifier: Apache-2.0
#include "trigger/cloud_source.h"

static bool stop(void *arg)
{
	return feed_ends(arg);
}

int cloud_source_open(struct cloud_source *s,
	const struct cloud_service *service, struct feed *f, struct err *e)
{
	const struct metadata_patience patience = {
		.seconds = service->seconds,
		.stop = stop,
		.arg = f,
	};
	int r = metadata_open_patient(
		&s->m, service->kind, service->url, &patience, e);

	buf_init(&s->answer, service->answer_bytes);
	return r < 0 ? r : seen_new(&s->seen, e);
}

void cloud_source_close(struct cloud_source *s)
{
	metadata_close(s->m);
	seen_free(s->seen);
	buf_done(&s->answer);
}

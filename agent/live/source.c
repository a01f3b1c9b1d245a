// SPDX-License-Identifier: Apache-2.0
#include <assert.h>
#include <errno.h>

#include "base/err.h"
#include "live/source_internal.h"

bool live_wants(const struct live_config *config, uint32_t pid)
{
	size_t first = 0, end = config->pids_n;

	while (first < end) {
		size_t middle = (first + end) / 2;

		if (config->pids[middle] == pid)
			return true;
		if (config->pids[middle] < pid)
			first = middle + 1;
		else
			end = middle;
	}
	return config->pids_n == 0;
}

static const struct live_ops *ops_of(enum live_witness witness)
{
	switch (witness) {
	case LIVE_BY_ITERATOR:
		return &live_bpf_ops;
	case LIVE_BY_LIST:
		return &live_list_ops;
	case LIVE_BY_SCHEDULER:
		return &live_scheduler_ops;
	case LIVE_BY_PROBE:
		return &live_probe_ops;
	case LIVE_BY_MODULE:
		return &live_module_ops;
	case LIVE_BY_PROC:
		break;
	}
	return &live_proc_ops;
}

int live_open(struct live_source **ret, enum live_witness witness,
	const struct live_config *config, struct err *e)
{
	const struct live_ops *ops = ops_of(witness);
	struct live_source *s;
	int r;

	assert(config->pids_n <= LIVE_PIDS_LIMIT);
	s = calloc(1, ops->bytes);
	if (!s)
		return err_set(e, -ENOMEM, "no memory for a witness");
	s->ops = ops;
	s->config = *config;
	if (!s->config.proc)
		s->config.proc = "/proc";
	r = ops->open(s, e);
	if (r < 0) {
		live_close(s);
		return r;
	}
	*ret = s;
	return 0;
}

void live_close(struct live_source *s)
{
	if (!s)
		return;
	s->ops->close(s);
	free(s);
}

int live_see_tasks(struct live_source *s, struct live_tasks *into,
	struct live_seen *seen, struct err *e)
{
	struct live_seen now = { 0 };
	int r = s->ops->tasks(s, into, &now, e);

	if (r == 0)
		*seen = now;
	return r;
}

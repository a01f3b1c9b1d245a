// SPDX-License-Identifier: Apache-2.0
#include <errno.h>
#include <string.h>

#include "base/err.h"
#include "watch/job.h"

bool job_same(const struct job *a, const struct job *b)
{
	return strcmp(a->case_name, b->case_name) == 0 &&
	       strcmp(a->plan, b->plan) == 0 && strcmp(a->pod, b->pod) == 0 &&
	       strcmp(a->order.destination, b->order.destination) == 0 &&
	       a->order.recipients_n == b->order.recipients_n &&
	       memcmp(a->order.recipients, b->order.recipients,
		       a->order.recipients_n * sizeof(a->order.recipients[0])) ==
		       0;
}

static int join(struct job *j, const struct job *other, struct err *e)
{
	if (other->causes_n > JOB_CAUSES_MAX - j->causes_n)
		return err_set(e, -E2BIG, "%d triggers wait for this already",
			JOB_CAUSES_MAX);
	for (size_t i = 0; i < other->causes_n; i++)
		j->causes[j->causes_n++] = other->causes[i];
	if (other->not_before_ns < j->not_before_ns)
		j->not_before_ns = other->not_before_ns;
	if (!j->host_goes_ns)
		j->host_goes_ns = other->host_goes_ns;
	if (!j->order.id)
		j->order.id = other->order.id;
	return 0;
}

int jobs_add(struct jobs *jobs, const struct job *j, struct err *e)
{
	struct job *copy;
	size_t at = jobs->n;

	for (size_t i = 0; i < jobs->n; i++)
		if (job_same(jobs->v[i], j))
			return join(jobs->v[i], j, e);
	if (jobs->n == JOBS_MAX)
		return err_set(e, -E2BIG, "%d captures wait already", JOBS_MAX);
	copy = malloc(sizeof(*copy));
	if (!copy)
		return err_set(e, -ENOMEM, "no memory for a job");
	*copy = *j;
	while (j->host_goes_ns && at > 0 && !jobs->v[at - 1]->host_goes_ns) {
		jobs->v[at] = jobs->v[at - 1];
		at--;
	}
	jobs->v[at] = copy;
	jobs->n++;
	return 0;
}

const struct job *jobs_first(const struct jobs *jobs)
{
	return jobs->n ? jobs->v[0] : NULL;
}

struct job *jobs_take(struct jobs *jobs)
{
	struct job *first = jobs->n ? jobs->v[0] : NULL;

	if (first)
		memmove(&jobs->v[0], &jobs->v[1], --jobs->n * sizeof(jobs->v[0]));
	return first;
}

void jobs_done(struct jobs *jobs)
{
	while (jobs->n)
		free(jobs->v[--jobs->n]);
}

void job_tell(const struct job *j, char *ret, size_t cap)
{
	const struct job_cause *c = &j->causes[0];
	char more[40] = "";

	if (j->causes_n > 1)
		(void)snprintf(
			more, sizeof(more), " (and %zu more)", j->causes_n - 1);
	(void)snprintf(ret, cap, "%s%s%s%s%s", c->source,
		c->event.reason[0] ? ": " : "", c->event.reason,
		j->order.id ? ", by a signed order" : "", more);
}

// SPDX-License-Identifier: Apache-2.0
#include <errno.h>

#include "inspect/inspection.h"
#include "inspect/space.h"
#include "kernel/state.h"

static int see_hooks(struct inspection *in, struct err *e)
{
	struct captured *c = in->captured;
	int r;

	peek_image_begin(c->peek, SUBJECT_HOOKS);
	r = hooks_see(&in->hooks, c->state, e);
	if (r == 0)
		r = bpf_objects_captured(&in->objects, c->state, e);
	peek_image_begin(c->peek, SUBJECT_KERNEL);
	return r;
}

static int see_space(void *arg, const struct space *s, struct err *e)
{
	struct inspection *in = arg;
	struct space_gaps *gaps = &in->spaces;

	gaps->tables += (uint64_t)s->missing_tables;
	gaps->areas += s->lost;
	/* One that began or ended meanwhile need not be whole. */
	if (s->why.msg[0] && !task_is_ending(s->task) && gaps->processes++ == 0) {
		gaps->why = s->why;
		gaps->pid = s->task->pid;
	}
	return compare_space(&in->verdicts, in->captured, s, &in->snapshot, e);
}

static int see_spaces(struct inspection *in, struct err *e)
{
	int r = spaces_each(
		in->captured, &in->tasks, 0, see_space, in, &in->spaces.why);

	if (r == -ENOMEM)
		return err_set(e, r, "%s", in->spaces.why.msg);
	return 0;
}

static bool any_why(const struct err *why, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (why[i].msg[0])
			return true;
	return false;
}

/* What is not to be had of captured memory at all is no gap of it. */
static bool module_gaps(const struct kmodules *ms)
{
	const unsigned views = KMODULE_BY_LIST | KMODULE_BY_TREE |
			       KMODULE_BY_KSET | KMODULE_BY_VMAP;

	return ms->lost || (ms->asked & views) != views;
}

static bool is_exhausted(const struct peek_image *p)
{
	bool ret = false;

	for (int i = 0; i < SUBJECTS; i++)
		ret |= p->windows[i].reads > PEEK_IMAGE_READS_MAX;
	return ret;
}

static bool find_gaps(const struct inspection *in)
{
	const struct ram_totals *ram = ram_totals(in->captured->ram);

	return ram->missing_bytes || ram->doubtful_bytes || in->tasks.lost ||
	       in->hooks.lost || in->objects.lost || in->objects.why[1].msg[0] ||
	       in->verdicts.lost || in->snapshot.lost || in->sockets.lost ||
	       in->spaces.tables || in->spaces.areas || in->spaces.why.msg[0] ||
	       in->captured->peek->gaps_n || is_exhausted(in->captured->peek) ||
	       any_why(in->tasks.why, ARRAY_LEN(in->tasks.why)) ||
	       any_why(in->hooks.why, ARRAY_LEN(in->hooks.why)) ||
	       any_why(in->sockets.why, ARRAY_LEN(in->sockets.why)) ||
	       module_gaps(&in->captured->state->modules);
}

int inspection_run(struct inspection *in, struct reader *r,
	const struct ram_options *options, struct err *e)
{
	struct captured *c = NULL;
	int rc;

	*in = (struct inspection){ 0 };
	rc = snapshot_load(&in->snapshot, r, options->keys, e);
	if (rc == 0)
		rc = captured_open(&in->captured, r, options, e);
	c = in->captured;
	if (rc == 0)
		rc = tasks_see(&in->tasks, c, e);
	if (rc == 0)
		rc = see_hooks(in, e);
	if (rc == 0)
		rc = sockets_see(&in->sockets, c, e);
	if (rc < 0)
		return rc;
	(void)tasks_compare(&in->tasks);
	rc = compare_tasks(
		&in->verdicts, &in->churn, c, &in->tasks, &in->snapshot, e);
	if (rc == 0)
		rc = compare_modules(&in->verdicts, c, &in->snapshot, e);
	if (rc == 0)
		rc = compare_hooks(&in->verdicts, &in->hooks, &in->snapshot, e);
	if (rc == 0)
		rc = compare_bpf(&in->verdicts, &in->objects, &in->snapshot, e);
	if (rc == 0)
		rc = compare_sockets(&in->verdicts, &in->churn, &in->sockets,
			&in->snapshot, e);
	if (rc == 0)
		rc = see_spaces(in, e);
	if (rc == 0 && smear_see(&in->smear, c, &in->tasks, NULL) < 0)
		in->smear = (struct smear){ 0 };
	if (rc == 0)
		in->has_gaps = find_gaps(in);
	return rc;
}

void inspection_done(struct inspection *in)
{
	sockets_seen_done(&in->sockets);
	bpf_objects_done(&in->objects);
	hooks_done(&in->hooks);
	tasks_done(&in->tasks);
	verdicts_done(&in->verdicts);
	snapshot_done(&in->snapshot);
	captured_close(in->captured);
	in->captured = NULL;
}

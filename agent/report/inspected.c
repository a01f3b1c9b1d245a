// SPDX-License-Identifier: Apache-2.0
#include "report/inspected.h"
#include "evidence/finding.h"
#include "inspect/inspection.h"

static ProtobufCBinaryData bytes(const char *s)
{
	return (ProtobufCBinaryData){ strlen(s), (uint8_t *)(uintptr_t)s };
}

static int add_process(struct model *m, const struct task *t, struct err *e)
{
	Icecore__V1__Record record = ICECORE__V1__RECORD__INIT;
	Icecore__V1__Process p = ICECORE__V1__PROCESS__INIT;
	Icecore__V1__Thread thread = ICECORE__V1__THREAD__INIT;
	Icecore__V1__Thread *threads[] = { &thread };
	Icecore__V1__Credentials who = ICECORE__V1__CREDENTIALS__INIT;
	char state[] = { task_state(t), 0 };

	record.body_case = ICECORE__V1__RECORD__BODY_PROCESS;
	record.process = &p;
	p.has_pid = p.has_ppid = p.has_start_boot_ns = p.has_seen_by = 1;
	p.pid = t->pid;
	p.ppid = t->ppid;
	p.start_boot_ns = t->start_boot_ns;
	p.seen_by = INSPECTED_SEEN;
	p.threads = threads;
	p.n_threads = 1;
	thread.has_tid = thread.has_comm = thread.has_kernel_thread = 1;
	thread.tid = t->tid;
	thread.comm = bytes(t->comm);
	thread.kernel_thread = task_is_kernel(t);
	thread.state = state;
	thread.credentials = &who;
	who.has_uid = 1;
	who.uid = t->uid;
	return model_add(m, &record, e);
}

/* The process that a finding speaks of; NULL = it speaks of none. */
static const struct task *task_of(
	const struct tasks *ts, const struct finding_ref *ref)
{
	if (ref->kind != ICECORE__V1__RECORD__BODY_PROCESS)
		return NULL;
	for (size_t i = 0; i < ts->n; i++)
		if (ts->v[i].leader && ts->v[i].pid == ref->pid &&
			ts->v[i].start_boot_ns == ref->start_boot_ns)
			return &ts->v[i];
	return NULL;
}

static int add_finding(struct model *m, const struct verdict *v, struct err *e)
{
	Icecore__V1__Record record = ICECORE__V1__RECORD__INIT;
	struct finding_ref ref = v->ref;
	struct finding_message out;

	ref.name = v->name[0] ? v->name : NULL;
	finding_message(&out, v->rule, &ref, 1, v->detail);
	record.body_case = ICECORE__V1__RECORD__BODY_FINDING;
	record.finding = &out.finding;
	return model_add(m, &record, e);
}

static int add_account(struct row *t, const struct inspection *in, struct err *e)
{
	if (!row_begin(t, e))
		return 0;
	row_u64(t, 1, in->tasks.n);
	row_u64(t, 1, in->sockets.n);
	row_u64(t, 1, in->verdicts.n);
	row_u64(t, 1, in->verdicts.lost);
	row_u64(t, 1, in->has_gaps);
	return row_end(t);
}

int inspected_add(struct model *m, const struct inspection *in, struct err *e)
{
	struct row *account = model_rows(m, "inspected");
	int r = account ? add_account(account, in, e) : 0;

	for (size_t i = 0; r == 0 && i < in->verdicts.n; i++) {
		const struct verdict *v = &in->verdicts.v[i];
		const struct task *t = task_of(&in->tasks, &v->ref);

		r = add_finding(m, v, e);
		if (r == 0 && t)
			r = add_process(m, t, e);
	}
	return r;
}

int inspected_run(struct model *m, bool *gaps, struct reader *r,
	const struct ram_options *options, struct err *e)
{
	struct inspection in = { 0 };
	int rc = inspection_run(&in, r, options, e);

	if (rc == 0)
		rc = inspected_add(m, &in, e);
	*gaps = in.has_gaps;
	inspection_done(&in);
	return rc;
}

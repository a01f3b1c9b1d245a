// SPDX-License-Identifier: Apache-2.0
#include <errno.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/log.h"
#include "cloud/store_options.h"
#include "cmd/choice_options.h"
#include "cmd/cmd.h"
#include "cmd/config.h"
#include "cmd/outcome.h"
#include "trigger/request.h"
#include "watch/watch.h"

static const char usage[] =
	"usage: icecore watch --config FILE [--check] [--quiet]\n"
	"       icecore watch --case CASE --to DEST --recipient age1... [options]\n"
	"\n"
	"Record what happens on this host, in memory only, and wait. When a trigger says\n"
	"so, capture as icecore capture does, with the last minutes in the evidence, and\n"
	"wait again. Nothing is attached, loaded or written that would stay. Run it as\n"
	"root; SIGTERM ends it in order, SIGHUP lets it read FILE again.\n"
	"\n"
	"  --config FILE           the configuration: what to capture, and the sources of\n"
	"                          triggers (EC2, Azure, GCE, Kubernetes, files, loss of\n"
	"                          the network, the recorder, icecore trigger)\n"
	"  --check                 say what is wrong with FILE, by its lines, and end\n"
	"\n"
	"Without FILE only icecore trigger is obeyed:\n"
	"\n"
	"  --recorder-size SIZE    what is recorded, at most (32MiB); what is oldest is\n"
	"                          overwritten\n"
	"  --recorder-seconds S    and no older than this (3600)\n"
	"  --recorder-off          record nothing\n"
	"  --socket PATH           where to listen (" TRIGGER_SOCKET_PATH
	"); only root\n"
	"                          and the user of the watch may ask\n"
	"\n"
	"and those of a capture, which icecore capture --help explains: --case, --to,\n"
	"--recipient, --recipients-file, --source, --module, --collect,\n"
	"--no-environ, --max-memory, --level, --manifest-every, --tsa, --tsa-ca, --cloud,\n"
	"--spool, --spool-max, --deadline (of one capture), --quiet.\n"
	"\n"
	"%s"
	"\n"
	"Exit status: 0 ended in order, or nothing wrong with FILE, 1 failed, 2 usage, or\n"
	"something wrong with FILE.\n";

static void say_recorder(struct recorder *recorder)
{
	struct recorder_state s;

	recorder_state(recorder, &s);
	for (size_t i = 0; i < s.programs_n; i++)
		if (s.programs[i].is_missing)
			log_warn("not watched name=%s reason=\"%s\"",
				s.programs[i].name, s.programs[i].reason);
	if (s.take_why_not[0])
		log_warn("executables are not taken as they are opened "
			 "reason=\"%s\"",
			s.take_why_not);
}

/* One for the process: progress is told from a thread that knows nothing. */
static struct watch *the_watch;

struct service {
	const char *file; /* NULL = of the command line */
	struct config *config;
	struct config *next; /* read again, and not in use yet */
	struct recorder *recorder;
	const atomic_bool *interrupted;
	unsigned end_by_seconds; /* of the next or this capture; 0 = its own */
};

static void show_progress(const struct capture_progress *p)
{
	const struct watch_progress now = {
		.memory_total_bytes = p->memory_total_bytes,
		.memory_done_bytes = p->memory_done_bytes,
		.sealed_bytes = p->sealed_bytes,
		.elapsed_ns = p->elapsed_ns,
	};

	watch_tick(the_watch, &now);
}

/* What a job says more than its plan. */
static void overrule(struct capture_options *o, const struct job *job)
{
	const struct order *order = &job->order;

	if (job->case_name[0])
		o->plan.case_name = job->case_name;
	if (order->destination[0])
		o->plan.destination = order->destination;
	if (order->recipients_n) {
		o->plan.recipients = order->recipients;
		o->plan.recipients_n = order->recipients_n;
	}
}

static void tell_causes(struct capture_plan *plan,
	struct capture_trigger ret[JOB_CAUSES_MAX], const struct job *job)
{
	for (size_t i = 0; i < job->causes_n; i++) {
		const struct trigger_event *ev = &job->causes[i].event;

		ret[i] = (struct capture_trigger){
			.source = job->causes[i].source,
			.key = ev->key,
			.reason = ev->reason,
			.order = ev->order,
			.pod = ev->pod,
			.seen_realtime_ns = ev->seen_realtime_ns,
			.seen_boot_ns = ev->seen_boot_ns,
			.host_goes_realtime_ns = ev->gone_realtime_ns,
		};
	}
	plan->triggers = ret;
	plan->triggers_n = job->causes_n;
}

static int run_job(struct service *s, struct capture_result *res,
	const struct job *job, struct err *e)
{
	struct capture_trigger causes[JOB_CAUSES_MAX];
	char trigger[TRIGGER_REASON_CHARS + 96];
	struct capture_options *o;
	unsigned seconds;
	int r = config_plan(s->config, &o, job->plan, job->pod, e);

	*res = (struct capture_result){ 0 };
	if (r < 0)
		return r;
	overrule(o, job);
	job_tell(job, trigger, sizeof(trigger));
	o->plan.trigger = trigger;
	tell_causes(&o->plan, causes, job);
	o->plan.recorder = s->recorder;
	o->plan.interrupted = s->interrupted;
	o->plan.progress = show_progress;
	seconds = o->deadline_seconds;
	if (s->end_by_seconds && s->end_by_seconds < seconds)
		seconds = s->end_by_seconds;
	(void)alarm(seconds);
	r = capture_run(res, &o->plan, e);
	(void)alarm(0);
	cmd_go_on();
	s->end_by_seconds = 0;
	return r;
}

static void capture(void *arg, const struct job *job, struct buf *ret,
	struct watch_done *done)
{
	struct capture_result res;
	struct err why = { 0 }, lost = { 0 };
	int r = run_job(arg, &res, job, &why);
	json_t *j = outcome_json(&res, r, &why);

	done->failed = r < 0;
	done->gaps = res.gaps != 0;
	if (r < 0)
		log_warn("capture failed reason=\"%s\"", why.msg);
	else
		log_info("captured evidence=%s", res.location);
	if (json_encode(ret, j, JSON_COMPACT, &lost) < 0)
		log_warn("nobody is told: %s", lost.msg);
	json_decref(j);
}

static void end_by(void *arg, unsigned seconds)
{
	struct service *s = arg;

	s->end_by_seconds = seconds ? seconds : 1;
	(void)alarm(s->end_by_seconds);
}

static int reload(void *arg, const struct watch_config **ret, struct err *e)
{
	struct service *s = arg;
	struct config_errors errors;
	struct config *old;
	int r;

	config_free(s->next);
	s->next = NULL;
	r = config_load(&s->next, s->file, &errors, e);
	if (r < 0)
		return r;
	*ret = config_watch(s->next);
	/* The one that is in use until now stays for what still points at it. */
	old = s->config;
	s->config = s->next;
	s->next = old;
	return 0;
}

static int run(struct service *s, struct err *e)
{
	sigset_t waiting;
	struct watch_ops ops = { .capture = capture,
		.reload = reload,
		.end_by = end_by,
		.tell = cmd_inform,
		.waiting = &waiting,
		.ending = cmd_ending(),
		.reloading = s->file ? cmd_reloading() : NULL };
	int r;

	(void)sigemptyset(&waiting);
	(void)sigaddset(&waiting, SIGINT);
	(void)sigaddset(&waiting, SIGTERM);
	(void)sigaddset(&waiting, SIGHUP);
	r = watch_new(
		&the_watch, config_watch(s->config), &ops, s, s->recorder, e);
	if (r < 0)
		return r;
	log_info("watching sources=%zu", config_watch(s->config)->sources_n);
	r = watch_run(the_watch, e);
	watch_free(the_watch);
	return r;
}

/* The recorder's thread is not the one that signals are for. */
static int open_recorder(struct service *s, struct err *e)
{
	sigset_t all, before;
	int r;

	(void)sigfillset(&all);
	(void)pthread_sigmask(SIG_BLOCK, &all, &before);
	r = recorder_open(&s->recorder, config_recorder(s->config), e);
	(void)pthread_sigmask(SIG_SETMASK, &before, NULL);
	if (r == 0)
		say_recorder(s->recorder);
	return r;
}

static int serve(struct service *s)
{
	struct err e = { 0 };
	int r;

	s->interrupted = cmd_catch_signals();
	r = config_has_recorder(s->config) ? open_recorder(s, &e) : 0;
	if (r == 0)
		r = run(s, &e);
	recorder_close(s->recorder);
	config_free(s->next);
	config_free(s->config);
	return r < 0 ? cmd_failed(&e) : CMD_COMPLETE;
}

/* Every line that is wrong, not only the first one. */
static int load_file(struct service *s, bool only_check)
{
	struct config_errors errors = { .n = 0 };
	struct err e = { 0 };
	int r = config_load(&s->config, s->file, &errors, &e);

	for (size_t i = 0; i < errors.n; i++)
		(void)fprintf(stderr, "icecore: %s\n", errors.v[i]);
	if (r < 0)
		return errors.n ? CMD_USAGE : cmd_failed(&e);
	if (only_check) {
		log_info("%s: nothing is wrong", s->file);
		config_free(s->config);
	}
	return CMD_COMPLETE;
}

int cmd_watch(int argc, char **argv)
{
	struct service s = { 0 };
	struct capture_options o;
	struct err e = { 0 };
	int r = options_parse(&o, OPTIONS_WATCH, argc, argv, &e), status;

	if (r < 0)
		return cmd_bad_option(&e);
	if (o.help)
		return (void)printf(usage, store_options_usage), CMD_COMPLETE;
	if (o.quiet)
		log_set_level(LOG_WARN);
	s.file = o.config;
	if (o.config) {
		status = load_file(&s, o.check);
		return status != CMD_COMPLETE || o.check ? status : serve(&s);
	}
	r = config_from_options(&s.config, o.socket, argc, argv, &e);
	return r < 0 ? cmd_failed(&e) : serve(&s);
}

// SPDX-License-Identifier: Apache-2.0
#include <errno.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/log.h"
#include "cloud/store_options.h"
#include "cmd/cmd.h"
#include "cmd/options.h"
#include "cmd/outcome.h"
#include "trigger/socket.h"

static const char usage[] =
	"usage: icecore watch --case CASE --to DEST --recipient age1... [options]\n"
	"\n"
	"Record what happens on this host, in memory only, and wait. When icecore trigger\n"
	"says so, capture as icecore capture does, with the last minutes in the evidence,\n"
	"and wait again. Nothing is attached, loaded or written that would stay. Run it\n"
	"as root; SIGTERM ends it in order.\n"
	"\n"
	"  --recorder-size SIZE    what is recorded, at most (32MiB); what is oldest is\n"
	"                          overwritten\n"
	"  --recorder-seconds S    and no older than this (3600)\n"
	"  --socket PATH           where to listen (" TRIGGER_SOCKET_PATH
	"); only root\n"
	"                          and the user of the watch may ask\n"
	"\n"
	"and those of a capture, which icecore capture --help explains: --case, --to,\n"
	"--name, --recipient, --recipients-file, --source, --module, --collect,\n"
	"--no-environ, --max-memory, --level, --manifest-every, --tsa, --tsa-ca, --cloud,\n"
	"--spool, --spool-max, --deadline (of one capture), --quiet.\n"
	"\n"
	"%s"
	"\n"
	"Exit status: 0 ended in order, 1 failed, 2 usage.\n";

struct watch {
	struct capture_options options;
	struct recorder *recorder;
	sigset_t waiting; /* the signals that are blocked while it waits */
};

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

/* One capture, from a trigger to the answer. */
static int serve(struct watch *w, int client, const struct trigger_request *rq,
	struct err *e)
{
	struct capture_plan plan = w->options.plan;
	char trigger[TRIGGER_REASON_CHARS + 16];
	AUTO_BUF struct buf answer = { 0 };
	struct capture_result res;
	struct err why = { 0 };
	json_t *j;
	int r;

	if (rq->case_name[0])
		plan.case_name = rq->case_name;
	(void)snprintf(trigger, sizeof(trigger), "socket%s%s",
		rq->reason[0] ? ": " : "", rq->reason);
	plan.trigger = trigger;
	plan.recorder = w->recorder;
	log_info("triggered case=%s reason=\"%s\"", plan.case_name, rq->reason);
	(void)alarm(w->options.deadline_seconds);
	r = capture_run(&res, &plan, &why);
	(void)alarm(0);
	cmd_go_on();
	log_info("%s evidence=%s", r < 0 ? why.msg : "captured", res.location);
	buf_init(&answer, TRIGGER_ANSWER_BYTES);
	j = outcome_json(&res, r, &why);
	r = json_encode(&answer, j, JSON_COMPACT, e);
	json_decref(j);
	if (r < 0) {
		(void)close(client);
		return r;
	}
	return trigger_answer(client, answer.data, answer.len, e);
}

static int watch(struct watch *w, int fd, struct err *e)
{
	sigset_t blocked;
	int r = 0;

	while (r == 0) {
		struct trigger_request rq;
		int client;

		(void)pthread_sigmask(SIG_BLOCK, &w->waiting, &blocked);
		client = trigger_wait(fd, &rq, &blocked, cmd_ending(), e);
		(void)pthread_sigmask(SIG_SETMASK, &blocked, NULL);
		if (client < 0)
			return client == -EINTR ? 0 : client;
		r = serve(w, client, &rq, e);
	}
	return r;
}

int cmd_watch(int argc, char **argv)
{
	struct watch w = { 0 };
	struct err e = { 0 };
	int r = options_parse(&w.options, OPTIONS_WATCH, argc, argv, &e);
	sigset_t before;
	int fd;

	if (r < 0)
		return cmd_bad_option(&e);
	if (w.options.help)
		return (void)printf(usage, store_options_usage), CMD_COMPLETE;
	if (w.options.quiet)
		log_set_level(LOG_WARN);
	w.options.plan.interrupted = cmd_catch_signals();
	(void)sigemptyset(&w.waiting);
	(void)sigaddset(&w.waiting, SIGINT);
	(void)sigaddset(&w.waiting, SIGTERM);
	fd = trigger_listen(w.options.socket, &e);
	if (fd < 0)
		return cmd_failed(&e);
	/* The recorder's thread is not the one that signals are for. */
	(void)pthread_sigmask(SIG_BLOCK, &w.waiting, &before);
	r = recorder_open(&w.recorder, &w.options.recorder, &e);
	(void)pthread_sigmask(SIG_SETMASK, &before, NULL);
	if (r == 0) {
		say_recorder(w.recorder);
		log_info("watching socket=%s", w.options.socket);
		r = watch(&w, fd, &e);
	}
	recorder_close(w.recorder);
	(void)close(fd);
	(void)unlink(w.options.socket);
	return r < 0 ? cmd_failed(&e) : CMD_COMPLETE;
}

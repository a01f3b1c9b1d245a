// SPDX-License-Identifier: Apache-2.0
/*
 * fleet AGENTS JITTER-MS DIR URL ENDPOINT TICKET: so many agents in one
 * process, each a watch with a socket of its own below DIR, real but for the
 * host that it captures.  All are asked at once; for each a line
 * "CASE CAPTURE OUTCOME SEGMENTS SEALED-BYTES ASKED-MS BEGUN-MS DONE-MS".
 */
#include <pthread.h>
#include <signal.h>
#include <string.h>
#include <sys/stat.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/num.h"
#include "cloud/store_options.h"
#include "trigger/request.h"
#include "trigger/socket.h"
#include "unit/evidence.h"
#include "watch/watch.h"

enum { AGENTS_MAX = 2000, STACK_BYTES = 512 << 10, PATH_CHARS = 512 };

struct agent {
	char dir[PATH_CHARS], path[PATH_CHARS], state[PATH_CHARS];
	char case_name[32];
	struct trigger_socket_settings socket;
	struct watch_config config;
	struct watch *watch;
	pthread_t thread, asker;
	uint64_t asked_ns, begun_ns, done_ns;
	char line[256];
};

static struct agent agents[AGENTS_MAX];
static size_t agents_n;
static const char *url;
static struct store_config store;
static struct age_identity me;
static atomic_bool ending, interrupted;
static sigset_t none;

static void die(const char *what, const struct err *e)
{
	(void)fprintf(stderr, "fleet: %s: %s\n", what, e->msg);
	exit(1);
}

static void capture(void *arg, const struct job *job, struct buf *ret,
	struct watch_done *done)
{
	struct agent *a = arg;
	struct capture_plan plan;
	struct capture_result res;
	struct err why = { 0 };
	int r;

	a->begun_ns = clock_ns(CLOCK_MONOTONIC);
	evidence_plan(&plan, a->dir, &me, &interrupted);
	plan.case_name = job->case_name;
	plan.destination = url;
	plan.store = store;
	plan.name = NULL;
	r = capture_run(&res, &plan, &why);
	done->failed = r < 0;
	if (r < 0)
		(void)fprintf(stderr, "%s: %s\n", job->case_name, why.msg);
	(void)snprintf(a->line, sizeof(a->line), "%s %s %llu %llu",
		res.capture_id, r < 0 ? "failed" : "captured",
		(unsigned long long)res.segments,
		(unsigned long long)res.sealed_bytes);
	if (buf_text(ret, &why, "{\"outcome\":\"%s\"}",
		    r < 0 ? "failed" : "complete") < 0)
		die("answer", &why);
}

static void end_by(void *arg, unsigned seconds)
{
	(void)arg;
	(void)seconds;
}

static void tell(const char *text)
{
	(void)text;
}

static const struct watch_ops ops = { .capture = capture,
	.end_by = end_by,
	.tell = tell,
	.waiting = &none,
	.ending = &ending };

static void *run(void *arg)
{
	struct agent *a = arg;
	struct err e = { 0 };

	if (watch_run(a->watch, &e) < 0)
		die(a->case_name, &e);
	return NULL;
}

static void start(struct agent *a, const char *top, size_t i,
	uint32_t jitter_ms, const pthread_attr_t *attr)
{
	struct err e = { 0 };

	(void)snprintf(a->case_name, sizeof(a->case_name), "fleet-%04zu", i);
	(void)snprintf(a->dir, sizeof(a->dir), "%s/%zu", top, i);
	(void)snprintf(a->path, sizeof(a->path), "%s/%zu/sock", top, i);
	(void)snprintf(a->state, sizeof(a->state), "%s/%zu/state", top, i);
	if (mkdir(a->dir, 0700) < 0)
		die(a->dir, &e);
	a->socket.path = a->path;
	a->config = (struct watch_config){ .state = a->state,
		.sources = { { .kind = &trigger_socket, .settings = &a->socket } },
		.sources_n = 1,
		.again_after_seconds = WATCH_AGAIN_SECONDS,
		.jitter_ms = jitter_ms,
		.case_name = a->case_name,
		.file = "" };
	if (watch_new(&a->watch, &a->config, &ops, a, NULL, &e) < 0)
		die(a->dir, &e);
	if (pthread_create(&a->thread, attr, run, a) != 0)
		die("no thread", &e);
}

static void *ask(void *arg)
{
	const struct trigger_request rq = { .reason = "all at once" };
	struct agent *a = arg;
	AUTO_BUF struct buf answer = { 0 };
	struct err e = { 0 };
	int r;

	buf_init(&answer, TRIGGER_ANSWER_BYTES);
	a->asked_ns = clock_ns(CLOCK_MONOTONIC);
	r = trigger_ask(a->path, &rq, &answer, &e);
	a->done_ns = clock_ns(CLOCK_MONOTONIC);
	if (r < 0 || !strstr(buf_string(&answer, &e), "complete"))
		die(a->case_name, &e);
	return NULL;
}

static void print(uint64_t began_ns)
{
	for (size_t i = 0; i < agents_n; i++) {
		const struct agent *a = &agents[i];

		(void)printf("%s %s %llu %llu %llu\n", a->case_name, a->line,
			(unsigned long long)(a->asked_ns - began_ns) / 1000000,
			(unsigned long long)(a->begun_ns - began_ns) / 1000000,
			(unsigned long long)(a->done_ns - began_ns) / 1000000);
	}
}

static int end_all(void)
{
	ending = true;
	for (size_t i = 0; i < agents_n; i++)
		(void)pthread_kill(agents[i].thread, SIGUSR1);
	for (size_t i = 0; i < agents_n; i++) {
		(void)pthread_join(agents[i].thread, NULL);
		watch_free(agents[i].watch);
	}
	return 0;
}

static void on_signal(int sig)
{
	(void)sig;
}

int main(int argc, char **argv)
{
	const struct sigaction wake = { .sa_handler = on_signal };
	uint64_t n = 0, jitter_ms = 0, began_ns;
	pthread_attr_t attr;
	struct err e = { 0 };

	if (argc != 7 || num_u64(&n, argv[1], &e) < 0 || n > AGENTS_MAX ||
		num_u64(&jitter_ms, argv[2], &e) < 0)
		die("usage: fleet AGENTS JITTER-MS DIR URL ENDPOINT TICKET", &e);
	url = argv[4];
	store_options_init(&store);
	store.url.endpoint = argv[5];
	store.ticket_file = argv[6];
	evidence_fake_host(0);
	log_set_level(LOG_WARN);
	if (age_identity_new(&me, &e) < 0)
		die("key", &e);
	(void)sigemptyset(&none);
	(void)sigaction(SIGUSR1, &wake, NULL);
	(void)pthread_attr_init(&attr);
	(void)pthread_attr_setstacksize(&attr, STACK_BYTES);
	for (; agents_n < n; agents_n++)
		start(&agents[agents_n], argv[3], agents_n, (uint32_t)jitter_ms,
			&attr);
	began_ns = clock_ns(CLOCK_MONOTONIC);
	for (size_t i = 0; i < n; i++)
		if (pthread_create(&agents[i].asker, &attr, ask, &agents[i]) != 0)
			die("no thread", &e);
	for (size_t i = 0; i < n; i++)
		(void)pthread_join(agents[i].asker, NULL);
	print(began_ns);
	return end_all();
}

// SPDX-License-Identifier: Apache-2.0
#include <errno.h>
#include <stdbool.h>

#include <openssl/rand.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/log.h"
#include "base/range.h"
#include "capture/capture.h"
#include "capture/cause.h"
#include "capture/identity.h"
#include "capture/proof.h"
#include "capture/round.h"
#include "capture/selection.h"
#include "capture/ticker.h"
#include "collect/collector.h"
#include "collect/sources.h"
#include "evidence/manifest.h"
#include "memory/iomem.h"
#include "recorder/recorder.h"
#include "sink/sink.h"
#include "stream/courier.h"
#include "stream/stream.h"
#include "stream/writer.h"

enum { BUFFERS_PER_WORKER = 2 };

/* What one acquisition holds; released in the reverse order. */
struct capture {
	const struct capture_plan *plan;
	struct capture_result *result;
	struct identity identity;
	struct selection selection;
	struct ranges ram;
	struct source_config source_config;
	struct sources *sources;
	struct tsa *tsa; /* NULL = nobody */
	struct proof proof;
	struct sink *sink;
	struct sink *spool; /* NULL = none */
	struct courier *courier;
	struct stream *stream;
	uint64_t began_ns;
	size_t told; /* steps of the ladder */
	struct round round;
};

int capture_workers(uint64_t max_memory_bytes, unsigned cpus, struct err *e)
{
	uint64_t n;

	if (max_memory_bytes < CAPTURE_BASE_BYTES + CAPTURE_WORKER_BYTES)
		return err_set(e, -EINVAL, "at least %d MiB of memory are needed",
			(CAPTURE_BASE_BYTES + CAPTURE_WORKER_BYTES) >> 20);
	n = (max_memory_bytes - CAPTURE_BASE_BYTES) / CAPTURE_WORKER_BYTES;
	n = n > cpus ? cpus : n;
	return n > CAPTURE_WORKERS_MAX ? CAPTURE_WORKERS_MAX : (int)n;
}

static bool planned(const struct capture_plan *plan, const char *name)
{
	for (size_t i = 0; i < plan->collectors_n; i++)
		if (strcmp(plan->collectors[i]->name, name) == 0)
			return true;
	return false;
}

/* "20260131T235959Z-1f2e3d4c": sorts by time, and is nobody else's. */
static int make_name(char *ret, size_t cap, uint64_t realtime_ns, struct err *e)
{
	time_t now = (time_t)(realtime_ns / 1000000000);
	uint8_t chance[4];
	struct tm tm;

	if (RAND_bytes(chance, sizeof(chance)) != 1 || !gmtime_r(&now, &tm))
		return err_set(e, -EIO, "no random bytes");
	(void)snprintf(ret, cap, "%04d%02d%02dT%02d%02d%02dZ-%02x%02x%02x%02x",
		tm.tm_year + 1900, tm.tm_mon + 1, tm.tm_mday, tm.tm_hour,
		tm.tm_min, tm.tm_sec, chance[0], chance[1], chance[2], chance[3]);
	return 0;
}

static int make_id(struct capture *c, struct err *e)
{
	char *id = c->result->capture_id;
	size_t cap = sizeof(c->result->capture_id);

	if (!c->plan->name)
		return make_name(id, cap, c->identity.clock.realtime_ns, e);
	(void)snprintf(id, cap, "%s", c->plan->name);
	if (strcmp(id, c->plan->name) != 0)
		return err_set(e, -EINVAL, "capture name too long");
	return 0;
}

int capture_names(struct capture_names *ret, struct err *e)
{
	struct identity identity;
	int r = identity_load(&identity, e);

	if (r < 0)
		return r;
	(void)snprintf(ret->host, sizeof(ret->host), "%s", identity.name);
	return make_name(ret->capture, sizeof(ret->capture),
		identity.clock.realtime_ns, e);
}

static void tell(const char *text)
{
	log_warn("%s", text);
}

/* The destination, and what stands in for it. */
static int open_sinks(struct capture *c, struct err *e)
{
	struct sink_place place = { .case_name = c->plan->case_name,
		.host = c->identity.name,
		.capture = c->result->capture_id };
	struct courier_config config = {
		.spool_max_bytes = c->plan->spool_max_bytes,
		.patience_ns = COURIER_FOREVER,
		.first_ns = COURIER_FIRST_SECONDS * 1000000000ULL,
		.interrupted = c->plan->interrupted,
		.tell = tell,
	};
	int r = sink_open(
		&c->sink, c->plan->destination, &place, &c->plan->store, e);

	if (r == 0 && c->plan->spool) {
		r = sink_open(
			&c->spool, c->plan->spool, &place, &c->plan->store, e);
		if (r < 0)
			return err_wrap(e, r, "spool");
		config.patience_ns = COURIER_PATIENCE_SECONDS * 1000000000ULL;
	}
	config.sink = c->sink;
	config.spool = c->spool;
	return r < 0 ? r : courier_new(&c->courier, &config, e);
}

/* All of memory, or the pages of a process that it does not give itself. */
static bool reads_memory(const struct capture *c)
{
	return planned(c->plan, "memory") ||
	       (planned(c->plan, "core") && c->selection.chosen.n);
}

static int open_memory(struct capture *c, struct err *e)
{
	int r = ranges_load(&c->ram, e);

	if (r < 0)
		return err_wrap(e, r, "memory");
	c->source_config = (struct source_config){
		.readers = c->plan->workers,
		.module_path = c->plan->module_path,
		.ram = &c->ram,
	};
	r = sources_open(&c->sources, c->plan->source, &c->source_config, e);
	return r < 0 ? err_wrap(e, r, "memory") : 0;
}

/* Everything that can refuse, before anything is written for good. */
static int prepare(struct capture *c, struct err *e)
{
	int r = open_sinks(c, e);

	if (r == 0 && c->plan->tsa.url)
		r = tsa_open(&c->tsa, &c->plan->tsa, e);
	if (r == 0)
		r = selection_find(&c->selection, c->plan, e);
	if (r < 0 || !reads_memory(c))
		return r;
	r = open_memory(c, e);
	/* The process's own ways are enough, as a rule. */
	return planned(c->plan, "memory") ? r : 0;
}

static int ask_cloud(struct capture *c, struct err *e)
{
	const struct capture_plan *plan = c->plan;
	enum metadata_kind cloud = plan->cloud == CAPTURE_CLOUD_AUTO
					   ? metadata_detect(NULL)
					   : (enum metadata_kind)plan->cloud;

	return proof_get(&c->proof, cloud, plan->store.metadata,
		c->result->capture_id, e);
}

/* As many as the sink likes, but not more than there are buffers. */
static unsigned uploaders(const struct capture *c)
{
	unsigned most = c->plan->workers * BUFFERS_PER_WORKER;
	unsigned n = sink_uploads(c->sink);

	return n < most ? n : most;
}

static int begin_stream(struct capture *c, struct err *e)
{
	const struct capture_plan *plan = c->plan;
	size_t ram_n = planned(plan, "memory") ? c->ram.n : 0;
	Icecore__V1__Beginning b = ICECORE__V1__BEGINNING__INIT;
	AUTO_FREE Icecore__V1__Range *ram = calloc(c->ram.n + 1, sizeof(*ram));
	AUTO_FREE Icecore__V1__Range **ram_p =
		calloc(c->ram.n + 1, sizeof(*ram_p));
	char recipients[AGE_RECIPIENTS_MAX][TEXT_KEY_CHARS];
	char *recipients_p[AGE_RECIPIENTS_MAX];
	char *names[CAPTURE_COLLECTORS_MAX];
	Icecore__V1__IdentityProof *proof = &c->proof.message;
	struct stream_config config = {
		.recipients = plan->recipients,
		.recipients_n = plan->recipients_n,
		.courier = c->courier,
		.capture_id = c->result->capture_id,
		.buffers = plan->workers * BUFFERS_PER_WORKER,
		.uploaders = uploaders(c),
		.level = plan->level,
		.manifest_ns = plan->manifest_ns,
		.tsa = tsa_stream(c->tsa),
	};

	if (!ram || !ram_p)
		return err_set(e, -ENOMEM, "no memory for manifest 0");
	for (size_t i = 0; i < ram_n; i++) {
		icecore__v1__range__init(&ram[i]);
		ram[i].start = c->ram.v[i].start;
		ram[i].end = c->ram.v[i].end;
		ram_p[i] = &ram[i];
	}
	for (size_t i = 0; i < plan->recipients_n; i++) {
		age_recipient_encode(recipients[i], &plan->recipients[i]);
		recipients_p[i] = recipients[i];
	}
	for (size_t i = 0; i < plan->collectors_n; i++)
		names[i] = (char *)(uintptr_t)plan->collectors[i]->name;
	b.case_name = (char *)(uintptr_t)plan->case_name;
	b.trigger = (char *)(uintptr_t)plan->trigger;
	b.agent_version = (char *)(uintptr_t)ICECORE_VERSION;
	b.host = &c->identity.host;
	b.clock = &c->identity.clock;
	b.recipients = recipients_p;
	b.n_recipients = plan->recipients_n;
	b.collectors = names;
	b.n_collectors = plan->collectors_n;
	b.system_ram = ram_p;
	b.n_system_ram = ram_n;
	b.identity = &proof;
	b.n_identity = c->proof.cloud != METADATA_NONE;
	return stream_open(&c->stream, &config, &b, e);
}

static int run_collectors(struct capture *c, struct err *e)
{
	const struct collect_env env = { .ram = &c->ram,
		.sources = c->sources,
		.readers = c->plan->workers,
		.disk = c->plan->disk.dir ? &c->plan->disk : NULL,
		.package_keys = c->plan->package_keys,
		.volumes = c->plan->volumes,
		.disk_seconds = c->plan->disk_seconds,
		.disk_bytes = c->plan->disk_bytes,
		.recorder = c->plan->recorder,
		.taken = c->plan->recorder ? recorder_taken(c->plan->recorder)
					   : NULL,
		.leave_out = c->plan->leave_out,
		.binaries = (enum collect_binaries)c->plan->binaries,
		.binaries_bytes = c->plan->binaries_bytes,
		.interrupted = c->plan->interrupted };
	struct writer *w = NULL;
	struct err closing = { 0 };
	int r = stream_writer(&w, c->stream, e), closed;

	if (r < 0)
		goto give_back;
	r = cause_put(c->plan, w, e);
	if (r == 0)
		r = round_run(&c->round, c->plan, &c->selection, &env, w, e);
	selection_end(&c->selection);
	closed = writer_close(w, &closing);
	if (r == 0 && closed < 0)
		r = err_set(e, closed, "%s", closing.msg);
give_back:
	if (c->plan->recorder)
		recorder_give_back(c->plan->recorder);
	return r;
}

/* What was tried since the last time. */
static void say_sources(struct capture *c)
{
	const struct source_ladder *l = sources_ladder(c->sources);

	for (; c->told < l->n; c->told++) {
		const struct source_step *s = &l->steps[c->told];

		if (s->result < 0)
			log_warn("memory source refused name=%s reason=\"%s\"",
				source_kind_name(s->kind), s->why.msg);
		else
			log_info("memory source name=%s",
				source_kind_name(s->kind));
	}
}

/* Leave the host as it was; the evidence stands even if that fails. */
static void restore_host(struct capture *c)
{
	struct err why = { 0 };

	if (!c->sources)
		return;
	if (planned(c->plan, "memory"))
		say_sources(c);
	if (sources_restore(c->sources, &why) < 0)
		log_warn("the host is not as it was: %s", why.msg);
}

static int take(struct capture *c, struct err *e)
{
	const char *reason = "";
	struct ticker *ticker;
	int r = ask_cloud(c, e), finished;
	struct err why = { 0 };

	if (r == 0)
		r = begin_stream(c, e);
	if (r < 0)
		return r;
	ticker = ticker_start(c->stream, c->plan->progress,
		planned(c->plan, "memory") ? ranges_bytes(&c->ram) : 0);
	c->result->outcome = ICECORE__V1__OUTCOME__OUTCOME_COMPLETE;
	r = run_collectors(c, e);
	if (r < 0) {
		c->result->outcome = ICECORE__V1__OUTCOME__OUTCOME_FAILED;
		reason = e->msg;
	} else if (c->round.failed.msg[0]) {
		c->result->outcome = ICECORE__V1__OUTCOME__OUTCOME_FAILED;
		reason = c->round.failed.msg;
	} else if (c->round.cut) {
		c->result->outcome = ICECORE__V1__OUTCOME__OUTCOME_INTERRUPTED;
		reason = "interrupted";
	}
	finished = stream_finish(c->stream, c->result->outcome, reason, &why);
	ticker_stop(ticker);
	if (r == 0 && finished < 0)
		r = err_set(e, finished, "%s", why.msg);
	if (r < 0)
		c->result->outcome = ICECORE__V1__OUTCOME__OUTCOME_FAILED;
	return r;
}

static void fill_result(struct capture *c)
{
	struct capture_result *res = c->result;
	struct stream_stats st = { 0 };

	if (c->sink)
		(void)snprintf(res->location, sizeof(res->location), "%s",
			sink_location(c->sink));
	if (c->stream) {
		uint8_t key[MANIFEST_KEY_BYTES];

		stream_stats(c->stream, &st);
		stream_public_key(c->stream, key);
		for (size_t i = 0; i < MANIFEST_KEY_BYTES; i++)
			(void)snprintf(
				res->public_key + 2 * i, 3, "%02x", key[i]);
	}
	if (c->courier) {
		struct courier_stats cs;

		courier_stats(c->courier, &cs);
		res->spooled = cs.spooled;
		res->spooled_bytes = cs.spooled_bytes;
		res->retries = cs.retries;
		res->away_ns = cs.away_ns;
	}
	if (res->spooled)
		(void)snprintf(res->spool, sizeof(res->spool), "%s",
			sink_location(c->spool));
	res->segments = st.segments;
	res->sealed_bytes = st.sealed_bytes;
	res->memory_bytes = st.memory_bytes;
	res->memory_gap_bytes = st.memory_gap_bytes;
	res->memory_doubtful_bytes = st.memory_doubtful_bytes;
	res->gaps = st.gaps;
	res->elapsed_ns = clock_ns(CLOCK_MONOTONIC) - c->began_ns;
}

int capture_run(struct capture_result *ret, const struct capture_plan *plan,
	struct err *e)
{
	struct capture c = { .plan = plan, .result = ret };
	int r;

	*ret = (struct capture_result){ 0 };
	c.began_ns = clock_ns(CLOCK_MONOTONIC);
	r = plan->disk.dir ? identity_load_disk(&c.identity, &plan->disk, e)
			   : identity_load(&c.identity, e);
	if (r == 0)
		r = make_id(&c, e);
	if (r == 0)
		r = prepare(&c, e);
	if (r == 0 && planned(plan, "memory")) {
		struct source *first = NULL;

		say_sources(&c);
		r = sources_get(c.sources, 0, &first, e);
		if (r == 0)
			(void)snprintf(ret->source, sizeof(ret->source), "%s",
				source_kind_name(source_kind(first)));
	}
	if (r == 0)
		r = take(&c, e);
	selection_end(&c.selection);
	restore_host(&c);
	fill_result(&c);
	stream_free(c.stream);
	sources_close(c.sources);
	tsa_close(c.tsa);
	proof_done(&c.proof);
	courier_free(c.courier);
	sink_close(c.spool);
	sink_close(c.sink);
	ranges_done(&c.ram);
	return r;
}

// SPDX-License-Identifier: Apache-2.0
#include <errno.h>
#include <string.h>

#include "base/err.h"
#include "trigger/kubernetes.h"
#include "trigger/kubernetes_match.h"
#include "trigger/kubernetes_subject.h"
#include "trigger/kubernetes_watch.h"
#include "trigger/seen.h"

#define META   "application/json;as=PartialObjectMetadata"
#define META_V ";g=meta.k8s.io;v=v1"

enum { WATCHES = 2, SELECT_CHARS = 400 };

struct kube {
	const struct kubernetes_settings *set;
	struct feed *f;
	struct seen *seen;
	struct kube_api api;
	struct kube_subjects subjects;
	struct kube_watch watches[WATCHES];
	char select[WATCHES][SELECT_CHARS];
	struct http_streams *all;
};

static const struct kubernetes_settings defaults = {
	.node_annotation = { { "icecore.dev/capture" }, 1 },
	.pod_annotation = { { "icecore.dev/capture" }, 1 },
	.pod_label = { { "PHASE=QUARANTINE" }, 1 },
	.hold_seconds = 900,
};

static void there(void *arg, const struct kube_object *o)
{
	struct kube *k = arg;

	kube_subjects_see(&k->subjects, o, kube_match(k->seen, k->f, k->set, o));
}

static void gone(void *arg, const struct kube_object *o)
{
	struct kube *k = arg;
	char prefix[KUBE_PREFIX_CHARS];

	kube_prefix(prefix, o);
	seen_begin(k->seen, prefix);
	seen_end(k->seen, k->f, prefix);
	kube_subjects_gone(&k->subjects, o);
}

static void begin_nodes(void *arg)
{
	seen_begin(((struct kube *)arg)->seen, "node/");
}

static void end_nodes(void *arg)
{
	struct kube *k = arg;

	seen_end(k->seen, k->f, "node/");
}

static void begin_pods(void *arg)
{
	seen_begin(((struct kube *)arg)->seen, "pod/");
}

static void end_pods(void *arg)
{
	struct kube *k = arg;

	seen_end(k->seen, k->f, "pod/");
}

/* What is asked for, before the node's name: of pods the metadata does. */
static const struct kube_watch kinds[WATCHES] = {
	{ .name = "node",
		.select = "/api/v1/nodes?fieldSelector=metadata.name%3D",
		.there = there,
		.gone = gone,
		.begin = begin_nodes,
		.end = end_nodes },
	{ .name = "pods",
		.select = "/api/v1/pods?fieldSelector=spec.nodeName%3D",
		.accept_list = "Accept: " META "List" META_V ", application/json",
		.accept = "Accept: " META META_V ", application/json",
		.there = there,
		.gone = gone,
		.begin = begin_pods,
		.end = end_pods },
};

static int set_up(struct kube *k, struct err *e)
{
	int r = kube_api_open(&k->api, k->set, k->f, e);

	k->subjects.set = k->set;
	k->subjects.api = &k->api;
	if (r == 0)
		r = seen_new(&k->seen, e);
	if (r == 0)
		r = http_streams_new(&k->all, e);
	for (size_t i = 0; i < WATCHES && r == 0; i++) {
		struct kube_watch *w = &k->watches[i];

		(void)snprintf(k->select[i], sizeof(k->select[i]), "%s%s",
			kinds[i].select, k->api.node);
		*w = kinds[i];
		w->select = k->select[i];
		w->arg = k;
		r = kube_watch_open(w, &k->api, k->f, e);
	}
	return r;
}

static void tear_down(struct kube *k)
{
	for (size_t i = 0; i < WATCHES; i++)
		kube_watch_close(&k->watches[i], k->all);
	http_streams_free(k->all);
	kube_api_close(&k->api);
	seen_free(k->seen);
	free(k);
}

static void tell(struct kube *k)
{
	const struct kube_watch *a = &k->watches[0], *b = &k->watches[1];
	const char *texts[] = { a->text, b->text, k->subjects.note };
	char text[BELL_TEXT_CHARS] = "";
	size_t at = 0;

	for (size_t i = 0; i < ARRAY_LEN(texts) && at < sizeof(text); i++)
		if (texts[i][0])
			at += (size_t)snprintf(text + at, sizeof(text) - at,
				"%s%s", at ? "; " : "", texts[i]);
	feed_tell(k->f, a->state < b->state ? a->state : b->state, "%s", text);
}

static void look(struct kube *k)
{
	struct trigger_report report;

	while (!feed_ends(k->f)) {
		unsigned ms = KUBE_BACK_OFF_MS;

		while (feed_report(k->f, &report)) {
			kube_subjects_report(&k->subjects, &report);
			free(report.text);
		}
		kube_subjects_due(&k->subjects);
		for (size_t i = 0; i < WATCHES && !feed_ends(k->f); i++) {
			unsigned idle = kube_watch_step(&k->watches[i], k->all);

			ms = idle < ms ? idle : ms;
		}
		tell(k);
		http_streams_wait(k->all, feed_fd(k->f), ms);
	}
}

static int run(const void *settings, struct feed *f, struct err *e)
{
	struct kube *k = calloc(1, sizeof(*k));
	int r;

	if (!k)
		return err_set(e, -ENOMEM, "no memory for Kubernetes");
	k->set = settings;
	k->f = f;
	r = set_up(k, e);
	if (r == 0)
		look(k);
	tear_down(k);
	return r;
}

#define AT(member) offsetof(struct kubernetes_settings, member)

static const struct trigger_key keys[] = {
	{ "api", TRIGGER_TEXT, AT(api), 0, 0 },
	{ "token-file", TRIGGER_TEXT, AT(token_file), 0, 0 },
	{ "ca-file", TRIGGER_TEXT, AT(ca_file), 0, 0 },
	{ "node", TRIGGER_TEXT, AT(node), 0, 0 },
	{ "node-annotation", TRIGGER_WORDS, AT(node_annotation), 0, 0 },
	{ "pod-annotation", TRIGGER_WORDS, AT(pod_annotation), 0, 0 },
	{ "node-label", TRIGGER_WORDS, AT(node_label), 0, 0 },
	{ "pod-label", TRIGGER_WORDS, AT(pod_label), 0, 0 },
	{ "node-taint", TRIGGER_WORDS, AT(node_taint), 0, 0 },
	{ "cordon", TRIGGER_SWITCH, AT(cordon), 0, 0 },
	{ "hold", TRIGGER_SWITCH, AT(hold), 0, 0 },
	{ "hold-seconds", TRIGGER_NUMBER, AT(hold_seconds), 1, 86400 },
	{ "report", TRIGGER_SWITCH, AT(report), 0, 0 },
};

const struct trigger_kind trigger_kubernetes = {
	.name = "kubernetes",
	.settings_bytes = sizeof(struct kubernetes_settings),
	.defaults = &defaults,
	.keys = keys,
	.keys_n = ARRAY_LEN(keys),
	.run = run,
};

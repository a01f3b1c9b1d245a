// SPDX-License-Identifier: Apache-2.0
/* Every allocation of what decodes answers, and of a source that begins, fails
 * once. */
#include <errno.h>
#include <string.h>

#include "trigger/azure.h"
#include "trigger/bell.h"
#include "trigger/imds.h"
#include "trigger/kubernetes.h"
#include "trigger/kubernetes_event.h"
#include "unit/fault.h"
#include "unit/torture.h"
#include "unit/unit.h"

static int events(struct err *e)
{
	static const char text[] =
		"{\"Events\": [{\"EventId\": \"A\", \"EventType\": \"Reboot\", "
		"\"Resources\": [\"vm\"], \"NotBefore\": \"\"}]}";
	struct imds_notice notices[IMDS_NOTICES_MAX];

	return imds_azure_events(notices, text, sizeof(text) - 1, "vm", e);
}

static int tags(struct err *e)
{
	static const char text[] = "[{\"name\": \"a\", \"value\": \"b\"}]";
	AUTO_JSON json_t *j = NULL;

	return imds_azure_tags(&j, text, sizeof(text) - 1, e);
}

static int pod(struct err *e)
{
	static const char text[] =
		"{\"type\": \"ADDED\", \"object\": {\"metadata\": {\"name\": \"a\", "
		"\"uid\": \"u\", \"resourceVersion\": \"1\"}}}";
	AUTO_KUBE_EVENT struct kube_event ev = { .code = 0 };

	return kube_event_decode(&ev, text, sizeof(text) - 1, e);
}

static int page(struct err *e)
{
	static const char text[] =
		"{\"metadata\": {\"resourceVersion\": \"1\"}, \"items\": [{}]}";
	AUTO_KUBE_LIST struct kube_list l = { .j = NULL };

	return kube_list_decode(&l, text, sizeof(text) - 1, e);
}

/* A source that begins when the watch ends already. */
static int begin(
	const struct trigger_kind *kind, const void *settings, struct err *e)
{
	struct feed *f = NULL;
	struct bell *b = NULL;
	int r = bell_new(&b, e);

	if (r == 0)
		r = bell_feed(&f, b, kind->name, e);
	if (r == 0) {
		bell_end(b);
		r = kind->run(settings, f, e);
	}
	bell_free(b);
	return r;
}

static int begin_azure(struct err *e)
{
	struct azure_settings set =
		*(const struct azure_settings *)trigger_azure.defaults;

	set.metadata = "http://127.0.0.1:9";
	return begin(&trigger_azure, &set, e);
}

static int begin_kubernetes(struct err *e)
{
	struct kubernetes_settings set =
		*(const struct kubernetes_settings *)trigger_kubernetes.defaults;

	set.api = "http://127.0.0.1:9";
	set.token_file = "/dev/null";
	set.node = "node-1";
	return begin(&trigger_kubernetes, &set, e);
}

static void all(void **state)
{
	static const struct {
		const char *what;
		torture_operation *op;
	} ops[] = {
		{ "events", events },
		{ "tags", tags },
		{ "a pod", pod },
		{ "a page", page },
		{ "azure", begin_azure },
		{ "kubernetes", begin_kubernetes },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(ops); i++)
		assert_true(torture_run(ops[i].what, ops[i].op).errors > 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(all) };

	fault_hooks();
	return cmocka_run_group_tests(tests, NULL, NULL);
}

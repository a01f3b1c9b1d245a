// SPDX-License-Identifier: Apache-2.0
#include "capture/cause.h"
#include "capture/capture.h"
#include "evidence/record.h"
#include "icecore/v1/record.pb-c.h"
#include "stream/writer.h"

/* "" is not told; what is no UTF-8 was kept out by the sources. */
static char *text(const char *s)
{
	return s && *s ? (char *)(uintptr_t)s : NULL;
}

static int put(const struct capture_trigger *t, struct writer *w, struct err *e)
{
	Icecore__V1__Trigger out = ICECORE__V1__TRIGGER__INIT;
	Icecore__V1__Record m = ICECORE__V1__RECORD__INIT;

	out.source = text(t->source);
	out.key = text(t->key);
	out.reason = text(t->reason);
	out.order = text(t->order);
	out.pod = text(t->pod);
	out.has_seen_realtime_ns = 1;
	out.seen_realtime_ns = t->seen_realtime_ns;
	out.has_seen_boot_ns = 1;
	out.seen_boot_ns = t->seen_boot_ns;
	out.has_host_goes_realtime_ns = t->host_goes_realtime_ns != 0;
	out.host_goes_realtime_ns = t->host_goes_realtime_ns;
	m.body_case = ICECORE__V1__RECORD__BODY_TRIGGER;
	m.trigger = &out;
	return writer_put(w, &(struct record){ &m, NULL, 0 }, e);
}

int cause_put(const struct capture_plan *plan, struct writer *w, struct err *e)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < plan->triggers_n; i++)
		r = put(&plan->triggers[i], w, e);
	return r;
}

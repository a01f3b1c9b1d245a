// SPDX-License-Identifier: Apache-2.0
#include <errno.h>
#include <string.h>

#include "evidence/order.h"
#include "trigger/event.h"

void trigger_event_say(struct trigger_event *ev, const char *text, size_t len)
{
	size_t at = strlen(ev->reason);

	for (size_t i = 0; i < len && at < sizeof(ev->reason) - 1; i++)
		ev->reason[at++] =
			text[i] >= ' ' && text[i] <= '~' ? text[i] : '?';
	ev->reason[at] = 0;
}

int trigger_event_value(struct trigger_event *ev, const char *value, size_t len)
{
	const size_t begin = sizeof(ORDER_BEGIN) - 1;

	if (len >= sizeof(ev->order))
		return -EMSGSIZE;
	if (len < begin || memcmp(value, ORDER_BEGIN, begin) != 0) {
		trigger_event_say(ev, value, len);
		return 0;
	}
	if (memchr(value, 0, len))
		return -EMSGSIZE;
	memcpy(ev->order, value, len);
	ev->order[len] = 0;
	return 0;
}

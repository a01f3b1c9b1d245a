// SPDX-License-Identifier: Apache-2.0
#include <errno.h>
#include <string.h>

#include "trigger/event.h"

/* As evidence/order.h has it. */
static const char order_begin[] = "ico1.";

int trigger_event_value(struct trigger_event *ev, const char *value, size_t len)
{
	size_t at = strlen(ev->reason), n = 0;

	if (len >= sizeof(ev->order))
		return -EMSGSIZE;
	if (len > sizeof(order_begin) - 1 &&
		memcmp(value, order_begin, sizeof(order_begin) - 1) == 0) {
		if (memchr(value, 0, len))
			return -EMSGSIZE;
		memcpy(ev->order, value, len);
		ev->order[len] = 0;
		return 0;
	}
	/* For people, and so without what a terminal would obey. */
	for (; n < len && at < sizeof(ev->reason) - 1; n++)
		ev->reason[at++] =
			value[n] >= ' ' && value[n] <= '~' ? value[n] : '?';
	ev->reason[at] = 0;
	return 0;
}

// SPDX-License-Identifier: Apache-2.0
#include <errno.h>
#include <string.h>

#include "evidence/order.h"
#include "trigger/event.h"

int trigger_event_value(struct trigger_event *ev, const char *value, size_t len)
{
	size_t at = strlen(ev->reason), n = 0;

	if (len >= sizeof(ev->order))
		return -EMSGSIZE;
	if (len > sizeof(ORDER_BEGIN) - 1 &&
		memcmp(value, ORDER_BEGIN, sizeof(ORDER_BEGIN) - 1) == 0) {
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

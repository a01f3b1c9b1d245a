// SPDX-License-Identifier: Apache-2.0
#include "collect/collector_internal.h"

/* What makes memory readable goes first: it is small, and a capture that is
 * cut short is readable too.  Then what changes soonest: what a
 * recorder holds is overwritten by the capture's own deeds. Memory takes long; what is on a
 * disk stays. */
const struct collector *const collectors[] = {
	&collector_kernel,
	&collector_event,
	&collector_process,
	&collector_file,
	&collector_network,
	&collector_core,
	&collector_binary,
	&collector_integrity,
	&collector_memory,
	&collector_disk,
	NULL,
};

const struct collector *const disk_collectors[] = {
	&collector_disk,
	NULL,
};

const struct collector *collector_find(const char *name)
{
	for (const struct collector *const *c = collectors; *c; c++)
		if (strcmp((*c)->name, name) == 0)
			return *c;
	return NULL;
}

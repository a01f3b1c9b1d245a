// SPDX-License-Identifier: Apache-2.0
/* A name that is taken for a pod's or a container's is written as it was. */
#undef NDEBUG
#include <assert.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "live/pods.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	AUTO_FREE char *name = calloc(1, size + 1);
	struct pod_container c;
	struct pod p;
	char again[1024];

	assert(name);
	memcpy(name, data, size);
	if (pods_parse(&p, name) == 0) {
		(void)snprintf(again, sizeof(again), "%s_%s_%s", p.namespace,
			p.name, p.uid);
		assert(strcmp(again, name) == 0);
	}
	if (pods_parse_container(&c, name) == 0) {
		(void)snprintf(again, sizeof(again), "%s_%s_%s-%s.log", c.pod,
			c.namespace, c.name, c.id);
		assert(strcmp(again, name) == 0);
	}
	return 0;
}

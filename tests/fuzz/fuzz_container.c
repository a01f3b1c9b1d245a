// SPDX-License-Identifier: Apache-2.0
/* What is found in any cgroup path is short, printable and bounded. */
#undef NDEBUG
#include <assert.h>
#include <stdint.h>

#include "base/cleanup.h"
#include "live/container.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(const char *s, size_t cap)
{
	size_t len = strnlen(s, cap);

	assert(len < cap);
	for (size_t i = 0; i < len; i++)
		assert(s[i] > ' ' && s[i] <= '~');
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	AUTO_FREE char *text = malloc(size ? size : 1);
	struct container c, again;
	const char *path;
	size_t len;

	assert(text);
	memcpy(text, data, size);
	container_find(&c, text, size);
	check(c.runtime, sizeof(c.runtime));
	check(c.id, sizeof(c.id));
	check(c.pod_uid, sizeof(c.pod_uid));
	container_cgroup(&path, &len, text, size);
	assert(!path == !(path >= text && path + len <= text + size));
	if (path) {
		container_find(&c, path, len);
		container_find(&again, path, len);
		assert(memcmp(c.id, again.id, sizeof(c.id)) == 0);
	}
	return 0;
}

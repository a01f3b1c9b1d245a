// SPDX-License-Identifier: Apache-2.0
/* Any text as a mountinfo: an upper directory inside of it, or none. */
#undef NDEBUG
#include <assert.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "collect/binary_layer.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = malloc(size + 1);
	const char *upper;

	assert(text);
	memcpy(text, data, size);
	text[size] = 0;
	upper = binary_layer_upper(text);
	if (upper)
		assert(upper > text && upper + strlen(upper) <= text + size);
	free(text);
	return 0;
}

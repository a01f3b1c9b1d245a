// SPDX-License-Identifier: Apache-2.0
/* A script among arguments is one of them, and not what they begin with. */
#undef NDEBUG
#include <assert.h>
#include <stdint.h>
#include <string.h>

#include "binary/measure.h"
#include "binary/script.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_argument(const char *path, const char *argv, size_t len)
{
	const char *p = script_argument(path, argv, len);

	if (!p)
		return;
	assert(p > argv && p < argv + len);
	assert(!p[-1] && memchr(p, 0, len - (size_t)(p - argv)));
	assert(*p != '-');
}

/* A word is found wherever the pieces end. */
static void check_pieces(const uint8_t *data, size_t size)
{
	struct measure *whole = NULL, *cut = NULL;
	size_t some = size / 2;

	assert(measure_new(&whole, size, NULL) == 0);
	assert(measure_new(&cut, size, NULL) == 0);
	assert(measure_part(whole, 0, size) == measure_part(cut, 0, size));
	measure_see(whole, 0, data, size);
	measure_see(cut, 0, data, some);
	measure_see(cut, some, data + some, size - some);
	assert(measure_marks(whole) == measure_marks(cut));
	assert(measure_entropy(whole, 0) == measure_entropy(cut, 0));
	assert(measure_entropy(whole, 0) <= MEASURE_ENTROPY_MAX);
	measure_free(whole);
	measure_free(cut);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char *const paths[] = { "/bin/bash", "/usr/bin/python3.11",
		"/usr/bin/perl", "/bin/cat" };
	struct script s;

	(void)script_read(&s, data, size);
	assert(memchr(s.line, 0, sizeof(s.line)));
	assert(memchr(s.interpreter, 0, sizeof(s.interpreter)));
	for (size_t i = 0; i < sizeof(paths) / sizeof(*paths); i++)
		check_argument(paths[i], (const char *)data, size);
	if (size > 1)
		check_pieces(data, size);
	return 0;
}

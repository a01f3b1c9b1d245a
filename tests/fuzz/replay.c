// SPDX-License-Identifier: Apache-2.0
/* Without libFuzzer: run the target over the files named as arguments, each
 * as it is, cut off at every length, and with every byte changed in turn. */
#include <fcntl.h>
#include <inttypes.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/io.h"

enum { SEED_BYTES = 1 << 20, STEPS = 256 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* From a heap block of just that size, so that a sanitizer sees overruns. */
static void run(const uint8_t *data, size_t size)
{
	uint8_t *exact = malloc(size ? size : 1);

	if (!exact)
		abort();
	memcpy(exact, data, size);
	(void)LLVMFuzzerTestOneInput(exact, size);
	free(exact);
}

static void run_variants(uint8_t *data, size_t size)
{
	size_t step = size / STEPS + 1;

	run(data, size);
	for (size_t i = 0; i < size; i += step) {
		uint8_t was = data[i];

		run(data, i);
		data[i] = (uint8_t)(was ^ 0x80);
		run(data, size);
		data[i] = 0xff;
		run(data, size);
		data[i] = was;
	}
}

int main(int argc, char **argv)
{
	for (int i = 1; i < argc; i++) {
		AUTO_BUF struct buf b = { 0 };
		struct err e = { 0 };

		buf_init(&b, SEED_BYTES);
		if (io_slurp(AT_FDCWD, argv[i], &b, &e) < 0) {
			(void)fprintf(stderr, "%s\n", e.msg);
			return 1;
		}
		run_variants(b.data, b.len);
	}
	(void)printf("%d seeds and their variants\n", argc - 1);
	return argc > 1 ? 0 : 1;
}

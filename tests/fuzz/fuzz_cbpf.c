// SPDX-License-Identifier: Apache-2.0
/* Any bytes as classic BPF: a line for each instruction. */
#undef NDEBUG
#include <assert.h>

#include "base/buf.h"
#include "base/err.h"
#include "net/cbpf.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	AUTO_FREE uint8_t *copy = malloc(size ? size : 1);
	AUTO_BUF struct buf text = { 0 };
	size_t lines = 0, n = size / CBPF_INSN_BYTES;
	struct err e = { "" };
	uint32_t magic;

	assert(copy);
	memcpy(copy, data, size);
	buf_init(&text, 16 << 20);
	assert(cbpf_text(&text, copy, size, &e) == 0);
	for (size_t i = 0; i < text.len; i++)
		lines += text.data[i] == '\n';
	assert(lines == (n < CBPF_MAX ? n : CBPF_MAX));
	(void)!cbpf_magic(&magic, copy, size);
	return 0;
}

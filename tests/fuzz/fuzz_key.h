/* SPDX-License-Identifier: Apache-2.0 */
/* The key of the fuzz targets and their seeds: its bytes are 1 to 32. */
#ifndef FUZZ_FUZZ_KEY_H
#define FUZZ_FUZZ_KEY_H

#include <stdlib.h>

#include "base/err.h"
#include "evidence/age.h"

static inline void fuzz_key(struct age_identity *ret)
{
	char text[TEXT_KEY_CHARS];
	struct age_identity id = { 0 };
	struct err e;

	for (int i = 0; i < AGE_KEY_BYTES; i++)
		id.secret[i] = (uint8_t)(i + 1);
	age_identity_encode(text, &id);
	if (age_identity_decode(ret, text, &e) < 0)
		abort();
}

#endif

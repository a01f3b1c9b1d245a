// SPDX-License-Identifier: Apache-2.0
#include <stddef.h>

#include "disk/place_internal.h"

static const struct place *const tables[] = {
	places_systemd,
	places_login,
	places_system,
	places_runtime,
	places_container,
};

const struct place *place_next(const struct place *at)
{
	size_t i = 0;

	if (!at)
		return tables[0];
	if (at[1].kind)
		return at + 1;
	/* The table that ends behind ${at}. */
	for (; i < ARRAY_LEN(tables); i++) {
		const struct place *last = tables[i];

		while (last[1].kind)
			last++;
		if (last == at)
			break;
	}
	return i + 1 < ARRAY_LEN(tables) ? tables[i + 1] : NULL;
}

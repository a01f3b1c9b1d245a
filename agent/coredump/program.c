// SPDX-License-Identifier: Apache-2.0
#include "coredump/program.h"

#include <elf.h>
#include <string.h>

#include "base/buf.h"
#include "base/io.h"
#include "live/maps.h"

enum { AUXV_BYTES = 4096 };

bool program_entry(uint64_t *ret, const uint8_t *auxv, size_t len)
{
	uint64_t pair[2];

	for (size_t at = 0; at + sizeof(pair) <= len; at += sizeof(pair)) {
		memcpy(pair, auxv + at, sizeof(pair));
		if (pair[0] == AT_NULL)
			break;
		if (pair[0] != AT_ENTRY)
			continue;
		*ret = pair[1];
		return true;
	}
	return false;
}

static const struct mapping *mapping_at(const struct maps *maps, uint64_t at)
{
	for (size_t i = 0; i < maps->n; i++)
		if (at >= maps->v[i].start && at < maps->v[i].end)
			return &maps->v[i];
	return NULL;
}

bool program_is_replaced(struct program_place *ret, int dir,
	const struct maps *maps, const char *exe, size_t len)
{
	AUTO_BUF struct buf auxv = { 0 };
	const struct mapping *m;

	buf_init(&auxv, AUXV_BYTES);
	/* It waits for no lock of the process. */
	if (!len || io_slurp(dir, "auxv", &auxv, NULL) < 0 ||
		!program_entry(&ret->entry, auxv.data, auxv.len))
		return false;
	m = mapping_at(maps, ret->entry);
	ret->m = m;
	if (!m || !m->inode)
		return true;
	/* As /proc/PID/maps writes what is odd in a name. */
	if (memchr(m->path, '\\', m->path_len))
		return false;
	return m->path_len != len || memcmp(m->path, exe, len) != 0;
}

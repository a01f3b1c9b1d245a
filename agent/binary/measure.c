// SPDX-License-Identifier: Apache-2.0
#include <errno.h>
#include <math.h>
#include <string.h>

#include "base/err.h"
#include "binary/measure.h"

enum { WORD_BYTES = 32, BYTES = 256, MINER_WORDS = 2 };

struct part {
	uint64_t start;
	uint64_t end;
	uint64_t seen;
	uint64_t counts[BYTES];
};

static const struct word {
	const char *text;
	enum measure_mark mark;
} words[] = {
	{ "UPX!", MEASURE_UPX },
	{ "This file is packed with the", MEASURE_PACKER },
	{ "PyInstaller archive", MEASURE_PACKER },
	{ "_MEIPASS2", MEASURE_PACKER },
	{ "\xff Go buildinf:", MEASURE_GO },
	{ "stratum+tcp://", MEASURE_MINER },
	{ "stratum+ssl://", MEASURE_MINER },
	{ "stratum+tls://", MEASURE_MINER },
	{ "mining.subscribe", MEASURE_MINER },
	{ "mining.authorize", MEASURE_MINER },
	{ "donate-level", MEASURE_MINER },
	{ "cryptonight", MEASURE_MINER },
	{ "randomx-", MEASURE_MINER },
	{ "nicehash", MEASURE_MINER },
	{ "xmrig", MEASURE_MINER },
};

struct measure {
	uint64_t size;
	uint64_t left; /* that parts may have together */
	struct part *parts[MEASURE_PARTS_MAX];
	int parts_n;
	uint32_t begins[BYTES]; /* which words begin with that byte */
	uint32_t found; /* bits: words */
	uint64_t at; /* behind what was seen last */
	uint8_t carry[WORD_BYTES]; /* the last bytes of it */
	size_t carry_len;
};

_Static_assert(ARRAY_LEN(words) <= 32, "a bit for each word");

int measure_new(struct measure **ret, uint64_t size, struct err *e)
{
	struct measure *m = calloc(1, sizeof(*m));

	if (!m)
		return err_set(e, -ENOMEM, "no memory to measure");
	m->size = size;
	if (__builtin_mul_overflow(size, MEASURE_TIMES, &m->left))
		m->left = UINT64_MAX;
	for (size_t i = 0; i < ARRAY_LEN(words); i++)
		m->begins[(uint8_t)words[i].text[0]] |= 1U << i;
	*ret = m;
	return 0;
}

void measure_free(struct measure *m)
{
	if (!m)
		return;
	for (int i = 0; i < m->parts_n; i++)
		free(m->parts[i]);
	free(m);
}

int measure_part(struct measure *m, uint64_t offset, uint64_t bytes)
{
	struct part *p;
	uint64_t end;

	if (!bytes || m->parts_n == MEASURE_PARTS_MAX || bytes > m->left ||
		__builtin_add_overflow(offset, bytes, &end) || end > m->size)
		return -1;
	p = calloc(1, sizeof(*p));
	if (!p)
		return -1;
	p->start = offset;
	p->end = end;
	m->left -= bytes;
	m->parts[m->parts_n] = p;
	return m->parts_n++;
}

static void count(struct part *p, const uint8_t *data, size_t len)
{
	for (size_t i = 0; i < len; i++)
		p->counts[data[i]]++;
	p->seen += len;
}

static void look_for_words(struct measure *m, const uint8_t *p, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		uint32_t set = m->begins[p[i]] & ~m->found;

		for (; set; set &= set - 1) {
			int w = __builtin_ctz(set);
			size_t n = strlen(words[w].text);

			if (n <= len - i && memcmp(p + i, words[w].text, n) == 0)
				m->found |= 1U << w;
		}
	}
}

/* Words that begin in one piece and end in another; keep the last bytes. */
static void look_between(struct measure *m, const uint8_t *p, size_t len)
{
	uint8_t both[2 * WORD_BYTES];
	size_t some = len < WORD_BYTES ? len : WORD_BYTES;
	size_t all = m->carry_len + some;

	memcpy(both, m->carry, m->carry_len);
	memcpy(both + m->carry_len, p, some);
	look_for_words(m, both, all);
	if (len >= WORD_BYTES) {
		memcpy(m->carry, p + len - WORD_BYTES, WORD_BYTES);
		m->carry_len = WORD_BYTES;
		return;
	}
	m->carry_len = all < WORD_BYTES ? all : WORD_BYTES;
	memcpy(m->carry, both + all - m->carry_len, m->carry_len);
}

void measure_see(struct measure *m, uint64_t offset, const uint8_t *p, size_t len)
{
	for (int i = 0; i < m->parts_n; i++) {
		struct part *part = m->parts[i];
		uint64_t from = offset > part->start ? offset : part->start;
		uint64_t to = offset + len < part->end ? offset + len : part->end;

		if (from < to)
			count(part, p + (from - offset), to - from);
	}
	if (offset != m->at)
		m->carry_len = 0;
	look_between(m, p, len);
	look_for_words(m, p, len);
	m->at = offset + len;
}

int measure_entropy(const struct measure *m, int part)
{
	const struct part *p = part < 0 ? NULL : m->parts[part];
	double bits = 0;

	if (!p || !p->seen)
		return -1;
	for (int i = 0; i < BYTES; i++) {
		double share = (double)p->counts[i] / (double)p->seen;

		if (p->counts[i])
			bits -= share * log2(share);
	}
	return (int)(bits * 1000 + 0.5);
}

static unsigned count_words(const struct measure *m, enum measure_mark mark)
{
	unsigned n = 0;

	for (size_t i = 0; i < ARRAY_LEN(words); i++)
		n += words[i].mark == mark && m->found >> i & 1;
	return n;
}

unsigned measure_marks(const struct measure *m)
{
	unsigned marks = 0;

	for (size_t i = 0; i < ARRAY_LEN(words); i++)
		if (m->found >> i & 1 && words[i].mark != MEASURE_MINER)
			marks |= words[i].mark;
	if (count_words(m, MEASURE_MINER) >= MINER_WORDS)
		marks |= MEASURE_MINER;
	return marks;
}

const char *measure_word(const struct measure *m, enum measure_mark mark)
{
	for (size_t i = 0; i < ARRAY_LEN(words); i++)
		if (words[i].mark == mark && m->found >> i & 1)
			return words[i].text;
	return NULL;
}

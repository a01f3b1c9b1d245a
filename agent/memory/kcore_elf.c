// SPDX-License-Identifier: Apache-2.0
#include <elf.h>
#include <errno.h>

#include "base/err.h"
#include "memory/kcore_elf.h"

_Static_assert(sizeof(Elf64_Ehdr) == KCORE_EHDR_BYTES, "ELF header");
_Static_assert(sizeof(Elf64_Phdr) == KCORE_PHDR_BYTES, "program header");

/* A PT_LOAD with a physical address; distance = p_vaddr - p_paddr. */
struct load {
	struct kcore_segment segment;
	uint64_t distance;
};

void kcore_done(struct kcore *k)
{
	if (!k)
		return;
	free(k->segments);
	*k = (struct kcore){ 0 };
}

static int read_ehdr(
	Elf64_Ehdr *ret, const uint8_t *head, size_t len, struct err *e)
{
	if (len < sizeof(*ret))
		return err_set(e, -EBADMSG, "kcore: ELF header cut off");
	memcpy(ret, head, sizeof(*ret));
	if (memcmp(ret->e_ident, ELFMAG, SELFMAG) != 0 ||
		ret->e_ident[EI_CLASS] != ELFCLASS64 ||
		ret->e_ident[EI_DATA] != (__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
							 ? ELFDATA2LSB
							 : ELFDATA2MSB) ||
		ret->e_type != ET_CORE)
		return err_set(e, -EBADMSG, "kcore: no ELF64 core");
	if (ret->e_phentsize != sizeof(Elf64_Phdr))
		return err_set(e, -EBADMSG,
			"kcore: program headers of %u bytes", ret->e_phentsize);
	if (ret->e_phnum > KCORE_PHDRS_MAX)
		return err_set(
			e, -EBADMSG, "kcore: %u program headers", ret->e_phnum);
	if (ret->e_phoff > KCORE_HEAD_BYTES)
		return err_set(e, -EBADMSG, "kcore: program headers at %#llx",
			(unsigned long long)ret->e_phoff);
	return 0;
}

int kcore_head_bytes(size_t *ret, const uint8_t *head, size_t len, struct err *e)
{
	Elf64_Ehdr ehdr = { 0 };
	size_t end;
	int r = read_ehdr(&ehdr, head, len, e);

	if (r < 0)
		return r;
	end = (size_t)ehdr.e_phoff + ehdr.e_phnum * sizeof(Elf64_Phdr);
	if (end > KCORE_HEAD_BYTES)
		return err_set(
			e, -EBADMSG, "kcore: program headers end at %zu", end);
	*ret = end;
	return 0;
}

/* 1 = a load, 0 = not of interest. */
static int read_phdr(
	struct load *ret, const uint8_t *p, size_t number, struct err *e)
{
	Elf64_Phdr phdr;
	uint64_t end;

	memcpy(&phdr, p, sizeof(phdr));
	/* Linux gives -1 to what has no one physical address: vmalloc. */
	if (phdr.p_type != PT_LOAD || phdr.p_paddr == UINT64_MAX ||
		phdr.p_filesz == 0)
		return 0;
	if (__builtin_add_overflow(phdr.p_paddr, phdr.p_filesz, &end) ||
		__builtin_add_overflow(phdr.p_offset, phdr.p_filesz, &end) ||
		end > INT64_MAX)
		return err_set(e, -EBADMSG, "kcore: segment %zu wraps", number);
	*ret = (struct load){
		.segment = { phdr.p_paddr, phdr.p_filesz, phdr.p_offset },
		.distance = phdr.p_vaddr - phdr.p_paddr,
	};
	return 1;
}

static int by_distance(const void *a, const void *b)
{
	const struct load *l = a, *m = b;

	if (l->distance != m->distance)
		return l->distance < m->distance ? -1 : 1;
	return (l->segment.paddr > m->segment.paddr) -
	       (l->segment.paddr < m->segment.paddr);
}

/* The loads, by distance and then by address. */
static ssize_t read_loads(struct load *ret, const uint8_t *head,
	const Elf64_Ehdr *ehdr, struct err *e)
{
	size_t n = 0;

	for (size_t i = 0; i < ehdr->e_phnum; i++) {
		int r = read_phdr(&ret[n],
			head + ehdr->e_phoff + i * sizeof(Elf64_Phdr), i, e);

		if (r < 0)
			return r;
		n += (size_t)r;
	}
	qsort(ret, n, sizeof(*ret), by_distance);
	return (ssize_t)n;
}

/* The first of the loads whose one distance covers most, and their number. */
static size_t largest(size_t *ret_n, const struct load *loads, size_t n)
{
	size_t best = 0, best_n = 0, end;
	unsigned __int128 most = 0;

	for (size_t i = 0; i < n; i = end) {
		unsigned __int128 sum = 0;

		for (end = i; end < n && loads[end].distance == loads[i].distance;
			end++)
			sum += loads[end].segment.bytes;
		if (sum > most) {
			most = sum;
			best = i;
			best_n = end - i;
		}
	}
	*ret_n = best_n;
	return best;
}

static int take(
	struct kcore *ret, const struct load *loads, size_t n, struct err *e)
{
	AUTO_KCORE struct kcore k = { .n = n };

	for (size_t i = 1; i < n; i++) {
		const struct kcore_segment *s = &loads[i - 1].segment;

		if (s->paddr + s->bytes > loads[i].segment.paddr)
			return err_set(e, -EBADMSG,
				"kcore: segments overlap at %#llx",
				(unsigned long long)loads[i].segment.paddr);
	}
	k.segments = calloc(n, sizeof(*k.segments));
	if (!k.segments)
		return err_set(e, -ENOMEM, "no memory for %zu segments", n);
	for (size_t i = 0; i < n; i++)
		k.segments[i] = loads[i].segment;
	k.direct_map = loads[0].distance;
	*ret = k;
	(void)TAKE_PTR(k.segments);
	return 0;
}

int kcore_parse(struct kcore *ret, const uint8_t *head, size_t len, struct err *e)
{
	AUTO_FREE struct load *loads = NULL;
	Elf64_Ehdr ehdr;
	size_t need = 0, first, many;
	ssize_t n;
	int r = kcore_head_bytes(&need, head, len, e);

	if (r < 0)
		return r;
	if (len < need)
		return err_set(e, -EBADMSG,
			"kcore: %zu of %zu bytes of headers", len, need);
	memcpy(&ehdr, head, sizeof(ehdr));
	loads = calloc((size_t)ehdr.e_phnum + 1, sizeof(*loads));
	if (!loads)
		return err_set(e, -ENOMEM, "no memory for program headers");
	n = read_loads(loads, head, &ehdr, e);
	if (n < 0)
		return (int)n;
	first = largest(&many, loads, (size_t)n);
	if (!many)
		return err_set(e, -ENOENT, "kcore: no segment of RAM");
	return take(ret, loads + first, many, e);
}

const struct kcore_segment *kcore_find(const struct kcore *k, uint64_t addr)
{
	size_t lo = 0, hi = k->n;

	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;
		const struct kcore_segment *s = &k->segments[mid];

		if (addr < s->paddr)
			hi = mid;
		else if (addr - s->paddr >= s->bytes)
			lo = mid + 1;
		else
			return s;
	}
	return NULL;
}

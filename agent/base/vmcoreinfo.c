// SPDX-License-Identifier: Apache-2.0
#include <elf.h>
#include <errno.h>
#include <stdbool.h>
#include <string.h>

#include "base/num.h"
#include "base/vmcoreinfo.h"

enum { DIGITS_MAX = 20 };

static const char name[] = "VMCOREINFO";

ptrdiff_t vmcoreinfo_find(
	const char **ret, const char *text, size_t len, const char *key)
{
	size_t key_len = strlen(key);
	const char *end = text + len;

	while (text < end) {
		const char *eol = memchr(text, '\n', (size_t)(end - text));
		size_t line = (size_t)((eol ? eol : end) - text);

		if (line > key_len && text[key_len] == '=' &&
			memcmp(text, key, key_len) == 0) {
			*ret = text + key_len + 1;
			return (ptrdiff_t)(line - key_len - 1);
		}
		text += line + 1;
	}
	return -1;
}

static bool is_hexadecimal(const char *key)
{
	return strncmp(key, "SYMBOL(", 7) == 0 ||
	       strncmp(key, "ADDRESS(", 8) == 0 ||
	       strcmp(key, "KERNELOFFSET") == 0;
}

int vmcoreinfo_number(uint64_t *ret, const char *text, size_t len, const char *key)
{
	char digits[DIGITS_MAX + 1] = "";
	const char *at = NULL;
	ptrdiff_t n = vmcoreinfo_find(&at, text, len, key);
	bool hexadecimal = is_hexadecimal(key), minus;
	uint64_t v = 0;
	int r;

	if (n < 0)
		return -ENOENT;
	minus = n && *at == '-';
	at += minus;
	n -= minus;
	if (n > 2 && memcmp(at, "0x", 2) == 0) {
		hexadecimal = true;
		at += 2;
		n -= 2;
	}
	if (n < 1 || n > DIGITS_MAX)
		return -EBADMSG;
	memcpy(digits, at, (size_t)n);
	r = hexadecimal ? num_hex(&v, digits) - (int)n
			: num_u64(&v, digits, NULL);
	if (r < 0 || (minus && v > (uint64_t)INT64_MAX))
		return -EBADMSG;
	*ret = minus ? -v : v;
	return 0;
}

static size_t padded(uint32_t bytes)
{
	return ((size_t)bytes + 3) & ~(size_t)3;
}

int vmcoreinfo_note(
	const char **ret, size_t *ret_len, const void *note, size_t len)
{
	const uint8_t *p = note;

	while (len >= sizeof(Elf64_Nhdr)) {
		Elf64_Nhdr h;
		size_t desc;

		memcpy(&h, p, sizeof(h));
		if (!h.n_namesz && !h.n_descsz)
			break;
		desc = sizeof(h) + padded(h.n_namesz);
		if (desc > len || h.n_descsz > len - desc)
			return -EBADMSG;
		if (h.n_namesz == sizeof(name) &&
			memcmp(p + sizeof(h), name, sizeof(name)) == 0) {
			*ret = (const char *)p + desc;
			*ret_len = strnlen(*ret, h.n_descsz);
			return *ret_len > VMCOREINFO_BYTES ? -EBADMSG : 0;
		}
		desc += padded(h.n_descsz);
		if (desc > len)
			break;
		p += desc;
		len -= desc;
	}
	return -ENOENT;
}

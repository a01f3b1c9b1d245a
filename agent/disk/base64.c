// SPDX-License-Identifier: Apache-2.0
#include "disk/base64.h"

#include "evidence/text.h"

enum { TEXT_CHARS = 64 }; /* of any checksum */

bool base64_decode(uint8_t *ret, size_t len, struct slice text)
{
	char plain[TEXT_CHARS];

	while (text.len && text.p[text.len - 1] == '=')
		text.len--;
	if (text.len > sizeof(plain))
		return false;
	for (size_t i = 0; i < text.len; i++)
		plain[i] = text.p[i] == '-'   ? '+'
			   : text.p[i] == '_' ? '/'
					      : text.p[i];
	return text_b64_decode(ret, len, plain, text.len) == (int)len;
}

// SPDX-License-Identifier: Apache-2.0
#include <errno.h>
#include <string.h>

#include "recorder/dns.h"

enum { HEADER_BYTES = 12, LABEL_MAX = 63, NAME_MAX_BYTES = 255, ANSWER = 0x80 };

static size_t put_label(char *ret, size_t at, const uint8_t *label, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		uint8_t c = label[i];

		if (c > 0x20 && c < 0x7f && c != '.' && c != '\\') {
			ret[at++] = (char)c;
			continue;
		}
		ret[at++] = '\\';
		ret[at++] = (char)('0' + c / 100);
		ret[at++] = (char)('0' + c / 10 % 10);
		ret[at++] = (char)('0' + c % 10);
	}
	return at;
}

int dns_question(struct dns_question *ret, const uint8_t *message, size_t len)
{
	struct dns_question q = { "", 0 };
	size_t at = HEADER_BYTES, out = 0;

	if (len < HEADER_BYTES || message[2] & ANSWER ||
		!(message[4] | message[5]))
		return -EBADMSG;
	while (at < len && message[at]) {
		size_t n = message[at++];

		if (n > LABEL_MAX || n > len - at ||
			at + n - HEADER_BYTES > NAME_MAX_BYTES)
			return -EBADMSG;
		if (out)
			q.name[out++] = '.';
		out = put_label(q.name, out, message + at, n);
		at += n;
	}
	if (len - at < 5)
		return -EBADMSG;
	if (!out)
		q.name[out++] = '.';
	q.name[out] = 0;
	q.type = (uint16_t)(message[at + 1] << 8 | message[at + 2]);
	*ret = q;
	return 0;
}

// SPDX-License-Identifier: Apache-2.0
#include <string.h>

#include "base/bytes.h"
#include "base/num.h"
#include "kernel/session.h"

/* glibc's struct utmp on 64 bits, bits/types/struct_utmp.h */
enum {
	AT_PID = 4,
	AT_LINE = 8,
	AT_USER = 44,
	AT_HOST = 76,
	AT_SECONDS = 340,
	AT_MICROSECONDS = 344,
	AT_ADDRESS = 348,
	LINE_BYTES = 32,
	HOST_BYTES = 256,
};

static void take(char *ret, const uint8_t *from, size_t bytes)
{
	memcpy(ret, from, bytes);
	ret[bytes] = 0;
}

void session_decode(struct session *ret, const uint8_t *record)
{
	*ret = (struct session){ 0 };
	ret->type = (uint16_t)(record[0] | record[1] << 8);
	ret->pid = num_le32(record + AT_PID);
	take(ret->line, record + AT_LINE, LINE_BYTES);
	take(ret->user, record + AT_USER, LINE_BYTES);
	take(ret->host, record + AT_HOST, HOST_BYTES);
	ret->time_ns = num_le32(record + AT_SECONDS) * 1000000000ULL +
		       num_le32(record + AT_MICROSECONDS) * 1000ULL;
	memcpy(ret->address, record + AT_ADDRESS, sizeof(ret->address));
	ret->address_len = !bytes_are_zero(ret->address + 4, 12) ? 16
			   : !bytes_are_zero(ret->address, 4)	 ? 4
								 : 0;
}

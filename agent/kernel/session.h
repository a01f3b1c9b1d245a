/* SPDX-License-Identifier: Apache-2.0 */
/* Who is logged in: the records of utmp(5), 384 bytes each. */
#ifndef KERNEL_SESSION_H
#define KERNEL_SESSION_H

#include <stddef.h>
#include <stdint.h>

enum {
	SESSION_BYTES = 384,
	SESSIONS_MAX = 4096,
	SESSION_NAME_CHARS = 33,
	SESSION_HOST_CHARS = 257,
};

struct session {
	uint16_t type; /* USER_PROCESS and the like; 0 = an empty record */
	uint32_t pid;
	char line[SESSION_NAME_CHARS];
	char user[SESSION_NAME_CHARS];
	char host[SESSION_HOST_CHARS];
	uint8_t address[16];
	size_t address_len; /* 0, 4 or 16 */
	uint64_t time_ns;
};

/*
 * session_decode(ret, record):
 * One record of SESSION_BYTES.
 */
void session_decode(struct session *ret, const uint8_t *record);

#endif

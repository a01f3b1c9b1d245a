/* SPDX-License-Identifier: Apache-2.0 */
/* Kernel lockdown, which explains many a refusal. */
#ifndef MEMORY_LOCKDOWN_H
#define MEMORY_LOCKDOWN_H

enum lockdown {
	LOCKDOWN_UNKNOWN, /* no such file: none, or securityfs is not there */
	LOCKDOWN_NONE,
	LOCKDOWN_INTEGRITY,
	LOCKDOWN_CONFIDENTIALITY,
};

/*
 * lockdown_parse(text):
 * Of "none [integrity] confidentiality" the word in brackets.
 */
enum lockdown lockdown_parse(const char *text);

/*
 * lockdown_level():
 * That of this host, from /sys/kernel/security/lockdown.
 */
enum lockdown lockdown_level(void);

#endif

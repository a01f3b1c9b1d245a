/* SPDX-License-Identifier: Apache-2.0 */
/* --recipient and --recipients-file: who can open the evidence. */
#ifndef CMD_RECIPIENT_OPTION_H
#define CMD_RECIPIENT_OPTION_H

#include "base/cleanup.h"

struct capture_options;
struct err;

/*
 * recipient_option(o, text, e), recipient_option_file(o, path, e):
 * Add a public key, or those of a file: one a line, '#' begins a comment.
 * -EINVAL past AGE_RECIPIENTS_MAX.
 */
int recipient_option(
	struct capture_options *o, const char *text, struct err *e) MUST_CHECK;
int recipient_option_file(
	struct capture_options *o, const char *path, struct err *e) MUST_CHECK;

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Sending again what was spooled, in a thread, while no capture runs.
 */
#ifndef WATCH_RESEND_H
#define WATCH_RESEND_H

#include <stdint.h>

#include "base/cleanup.h"
#include "stream/push.h"

struct err;
struct resend;

enum { RESEND_EVERY_SECONDS = 60, RESEND_TEXT_CHARS = 256 };

struct resend_state {
	uint64_t sent; /* objects, since the watch began */
	uint64_t left; /* after the last round; 0 = the spool is empty */
	char error[RESEND_TEXT_CHARS]; /* of the last round; "" = none */
};

/*
 * resend_start(ret, config, e), resend_stop(r):
 * One round at once and then every RESEND_EVERY_SECONDS; stopping ends a round
 * between two objects.  ${config} is borrowed, its interrupted is not used.
 */
int resend_start(struct resend **ret, const struct push_config *config,
	struct err *e) MUST_CHECK;
void resend_stop(struct resend *r);

/*
 * resend_pause(r), resend_go_on(r): while the spool is in use by a capture.
 */
void resend_pause(struct resend *r);
void resend_go_on(struct resend *r);

void resend_state(struct resend *r, struct resend_state *ret);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What systemd wants to know of a service of Type=notify (sd_notify(3), whose
 * protocol is stable and may be spoken without its library).  Nothing happens
 * where $NOTIFY_SOCKET is not set.
 */
#ifndef WATCH_NOTIFY_H
#define WATCH_NOTIFY_H

#include <stdint.h>

/*
 * notify_say(fmt, ...):
 * "READY=1", "STATUS=...", "RELOADING=1\nMONOTONIC_USEC=...".
 */
void notify_say(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/*
 * notify_alive():
 * WATCHDOG=1, once in half of the time that the service manager waits;
 * otherwise nothing, so it may be called often and from any thread.
 *
 * notify_period_ms():
 * How often it shall be called at least; 0 = there is no watchdog.
 */
void notify_alive(void);
uint32_t notify_period_ms(void);

#endif

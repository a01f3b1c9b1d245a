/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Torture: one call that may fail does fail.  The calls of our code are
 * wrapped by the linker (fault.cmake), those of OpenSSL and jansson go
 * through their allocation hooks.
 */
#ifndef UNIT_FAULT_H
#define UNIT_FAULT_H

#include <stdbool.h>

/*
 * fault_hooks():
 * Take over the allocations of OpenSSL and jansson; before their first use.
 */
void fault_hooks(void);

/*
 * fault_arm(n), fault_disarm():
 * Let call number ${n} from now on fail, and no other; fault_disarm() says
 * the name of the call that did, NULL if it never came to that.
 */
void fault_arm(long n);
const char *fault_disarm(void);

/*
 * fault_here(name, code):
 * For a test that wraps more calls itself: this one is the one that fails, with
 * errno ${code}.
 */
bool fault_here(const char *name, int code);

/*
 * fault_leaks():
 * Whether LeakSanitizer, where it is, sees a new leak.
 */
bool fault_leaks(void);

#endif

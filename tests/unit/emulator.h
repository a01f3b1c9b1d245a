/* SPDX-License-Identifier: Apache-2.0 */
/* A server of tests/server, in Python, whose state the test changes. */
#ifndef UNIT_EMULATOR_H
#define UNIT_EMULATOR_H

struct emulator;

/*
 * emulator_new(script, arg):
 * Start tests/server/SCRIPT, with one argument or NULL, and wait for its port.
 * It ends with emulator_free(), or with this process.
 */
struct emulator *emulator_new(const char *script, const char *arg);
void emulator_free(struct emulator *m);

/* "http://127.0.0.1:PORT" */
const char *emulator_url(const struct emulator *m);

/*
 * emulator_set(m, change): merge this JSON object, written with ' for ", into
 * its state.
 *
 * emulator_count(m, name): one of its counters; 0 = it never counted that.
 */
void emulator_set(struct emulator *m, const char *change);
long emulator_count(struct emulator *m, const char *name);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* What the icelab commands share: exit statuses, options, keys. */
#ifndef LAB_LAB_H
#define LAB_LAB_H

#include "base/cleanup.h"
#include "evidence/age.h"

struct err;
struct reader;
struct sandbox;

enum lab_exit {
	LAB_COMPLETE = 0,
	LAB_FAILED = 1, /* damaged, or it could not be done */
	LAB_USAGE = 2,
	LAB_GAPS = 3, /* complete with gaps, or partial */
};

enum { LAB_IDENTITIES_MAX = 16, LAB_KEY_FILE_BYTES = 64 << 10 };

struct lab_keys {
	struct age_identity v[LAB_IDENTITIES_MAX];
	size_t n;
};

/*
 * lab_keys_load(keys, path, e):
 * Add the identities of an age key file: one a line, '#' begins a comment.
 */
int lab_keys_load(
	struct lab_keys *keys, const char *path, struct err *e) MUST_CHECK;
void lab_keys_done(struct lab_keys *keys);

#define AUTO_KEYS CLEANUP(lab_keys_done)

/* Commands: argv[0] is the command's name.  They print, and return a status
 * of enum lab_exit.  Those of floors above are declared here as well. */
int cmd_keygen(int argc, char **argv);
int cmd_order(int argc, char **argv);
int cmd_pull(int argc, char **argv);
int cmd_verify(int argc, char **argv);
int cmd_export(int argc, char **argv);
int cmd_extract(int argc, char **argv);
int cmd_inspect(int argc, char **argv);
int cmd_report(int argc, char **argv);
int cmd_scan(int argc, char **argv);
int cmd_show(int argc, char **argv);
int cmd_timestamp(int argc, char **argv);

/*
 * lab_usage(text):
 * Print ${text} to stderr; LAB_USAGE.
 */
int lab_usage(const char *text);

/*
 * lab_failed(e):
 * Print the error to stderr; LAB_FAILED.
 */
int lab_failed(const struct err *e);

/*
 * lab_tell(r):
 * Print what is wrong with the evidence, and what it is, to stderr.  Return
 * the exit status that follows from it.
 */
int lab_tell(const struct reader *r);

/*
 * lab_confine(s, e):
 * Enter the sandbox before anything of the evidence is read; where the kernel
 * cannot confine paths, say so on stderr and go on.
 */
int lab_confine(const struct sandbox *s, struct err *e) MUST_CHECK;

/*
 * lab_verdict(r):
 * "damaged", "partial", "complete with gaps" or "complete".
 */
const char *lab_verdict(const struct reader *r);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What is not as packages say: changed, missing, or of no package where only
 * packages put files; each with what the file is for, so that a changed PAM
 * module stands above a changed page of a manual.
 */
#ifndef DISK_VERIFY_H
#define DISK_VERIFY_H

#include "disk/picture.h"

/* As icecore.v1.DiskDeviation. */
enum verify_deviation {
	VERIFY_CHANGED = 1,
	VERIFY_MISSING,
	VERIFY_UNOWNED,
};

/* As icecore.v1.DiskClass. */
enum verify_class {
	VERIFY_LOGIN = 1,
	VERIFY_SETUID,
	VERIFY_KERNEL_MODULE,
	VERIFY_CODE,
	VERIFY_SCRIPT,
	VERIFY_CONFIGURATION,
	VERIFY_DATA,
	VERIFY_DOCUMENTATION,
	VERIFY_CLASSES,
};

/* Where an unowned program lies. */
enum verify_where {
	VERIFY_ELSEWHERE,
	VERIFY_SYSTEM, /* only packages put files there */
	VERIFY_LOCAL, /* on PATH, but the administrator's: /usr/local */
	VERIFY_TEMPORARY, /* anybody may write there */
};

struct verify_verdict {
	enum verify_deviation deviation;
	enum verify_class class;
	enum verify_where where;
	uint32_t file; /* WALK_NONE: it is missing */
	const char *path; /* borrowed during the call */
	uint16_t package; /* 0 = none */
};

typedef int verify_see(
	void *arg, const struct verify_verdict *verdict, struct err *e);

/*
 * verify_run(p, see, arg, e):
 * Call ${see} for each deviation; nothing where the disk has no packages.  A
 * negative return ends it.
 */
int verify_run(const struct picture *p, verify_see *see, void *arg,
	struct err *e) MUST_CHECK;

/*
 * verify_where(path): where a program of that path lies.
 */
enum verify_where verify_where(const char *path);

#endif

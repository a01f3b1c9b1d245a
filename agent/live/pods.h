/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What pods and their containers are called, by the names that the kubelet
 * gives to logs; no API is asked:
 *
 *	/var/log/pods/NAMESPACE_POD_UID/
 *	/var/log/containers/POD_NAMESPACE_CONTAINER-ID.log
 *
 * Names of Kubernetes are lower case letters, digits, "-" and "."; anything
 * else in these directories is passed over.
 */
#ifndef LIVE_PODS_H
#define LIVE_PODS_H

#include <stddef.h>

#include "base/cleanup.h"
#include "live/container.h"

struct err;

enum {
	PODS_MAX = 4096, /* of each; what comes after them is not told */
	PODS_NAMESPACE_CHARS = 64,
	PODS_NAME_CHARS = 254,
};

struct pod {
	char uid[CONTAINER_POD_CHARS];
	char namespace[PODS_NAMESPACE_CHARS];
	char name[PODS_NAME_CHARS];
};

struct pod_container {
	char id[CONTAINER_ID_CHARS];
	char namespace[PODS_NAMESPACE_CHARS];
	char pod[PODS_NAME_CHARS];
	char name[PODS_NAMESPACE_CHARS];
};

struct pods {
	struct pod *pods; /* by uid */
	size_t pods_n;
	struct pod_container *containers; /* by id */
	size_t containers_n;
};

/*
 * pods_read(ret, proc, e), pods_done(p):
 * Fill the empty ${ret} by the directories of the host that the first process
 * of the directory ${proc} sees.  There need not be any.  -ENOMEM.
 */
int pods_read(struct pods *ret, int proc, struct err *e) MUST_CHECK;
void pods_done(struct pods *p);

/*
 * pods_find(p, uid), pods_container(p, id): NULL = not told.
 */
const struct pod *pods_find(const struct pods *p, const char *uid);
const struct pod_container *pods_container(const struct pods *p, const char *id);

/*
 * pods_parse(ret, name), pods_parse_container(ret, name):
 * One name of these directories; 0, or -1 when it is no such name.
 */
int pods_parse(struct pod *ret, const char *name) MUST_CHECK;
int pods_parse_container(struct pod_container *ret, const char *name) MUST_CHECK;

#endif

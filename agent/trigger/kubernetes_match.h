/* SPDX-License-Identifier: Apache-2.0 */
/* Which triggers an object of Kubernetes has. */
#ifndef TRIGGER_KUBERNETES_MATCH_H
#define TRIGGER_KUBERNETES_MATCH_H

#include <stddef.h>

struct feed;
struct kube_object;
struct kubernetes_settings;
struct seen;

enum { KUBE_PREFIX_CHARS = 80 };

/*
 * kube_prefix(ret, o):
 * What the keys of the triggers of ${o} begin with: "pod/UID/", "node/UID/".
 */
void kube_prefix(char ret[KUBE_PREFIX_CHARS], const struct kube_object *o);

/*
 * kube_match(seen, f, set, o):
 * Ring for each, and tell which are gone.  Returns how many are new.
 */
size_t kube_match(struct seen *seen, struct feed *f,
	const struct kubernetes_settings *set, const struct kube_object *o);

#endif

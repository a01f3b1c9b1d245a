// SPDX-License-Identifier: Apache-2.0
/* Any bytes as a line of a watch, and as a page of a list: what comes of them
 * may go into a path. */
#undef NDEBUG
#include <assert.h>
#include <errno.h>
#include <stdint.h>
#include <string.h>

#include "base/err.h"
#include "trigger/kubernetes_event.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void is_plain(const char *s, size_t cap)
{
	assert(strlen(s) < cap);
	assert(!strpbrk(s, "/?&%# \n") && strcmp(s, "..") != 0);
}

static void check(const struct kube_object *o)
{
	assert(o->j && o->uid[0] && o->name[0]);
	is_plain(o->uid, KUBE_UID_CHARS);
	is_plain(o->name, KUBE_NAME_CHARS);
	is_plain(o->space, KUBE_NAME_CHARS);
	is_plain(o->version, KUBE_VERSION_CHARS);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct kube_event ev = { .code = 0 };
	struct kube_list l = { .j = NULL };
	const char *text = (const char *)data;
	struct err e = { "" };
	int r = kube_event_decode(&ev, text, size, &e);

	assert(r == 0 || (r == -EBADMSG && e.msg[0]));
	if (r == 0 && (ev.what == KUBE_THERE || ev.what == KUBE_GONE))
		check(&ev.object);
	if (r == 0 && ev.what != KUBE_ERROR)
		is_plain(ev.version, sizeof(ev.version));
	kube_event_done(&ev);
	if (kube_list_decode(&l, text, size, &e) < 0)
		return 0;
	is_plain(l.version, sizeof(l.version));
	is_plain(l.more, sizeof(l.more));
	for (size_t i = 0; i < json_array_size(l.items); i++) {
		struct kube_object o;

		if (kube_list_item(&o, &l, i, &e) == 0)
			check(&o);
	}
	kube_list_done(&l);
	return 0;
}

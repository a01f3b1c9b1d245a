/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The pods and the node that rang: which are held by our finalizer, until
 * when, and where what became of their triggers is reported.
 */
#ifndef TRIGGER_KUBERNETES_SUBJECT_H
#define TRIGGER_KUBERNETES_SUBJECT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct kube_api;
struct kube_object;
struct kubernetes_settings;
struct trigger_report;

enum {
	KUBE_SUBJECTS_MAX = 64, /* past that: neither held nor reported */
	KUBE_SUBJECT_PATH_CHARS = 600,
	KUBE_NOTE_CHARS = 128,
	KUBE_AGAIN_SECONDS = 5, /* after a release that failed */
};

struct kube_subject {
	char prefix[80]; /* of its keys; "" = free */
	char path[KUBE_SUBJECT_PATH_CHARS];
	bool held;
	int64_t until; /* realtime seconds, of what is held */
	unsigned open; /* triggers that have not ended */
};

struct kube_subjects {
	const struct kubernetes_settings *set;
	struct kube_api *api;
	bool no_hold, no_report; /* the role does not allow it */
	char note[KUBE_NOTE_CHARS]; /* for the status; "" = all is well */
	struct kube_subject v[KUBE_SUBJECTS_MAX];
};

/*
 * kube_subjects_see(s, o, rung):
 * ${o} is there, with ${rung} new triggers: it is held, if it shall be; or it
 * is found held, as after a restart, and let go at its deadline.
 *
 * kube_subjects_gone(s, o): it is deleted.
 */
void kube_subjects_see(
	struct kube_subjects *s, const struct kube_object *o, size_t rung);
void kube_subjects_gone(struct kube_subjects *s, const struct kube_object *o);

/*
 * kube_subjects_report(s, report): write what became of a trigger, and let its
 * pod go when that was the last.
 */
void kube_subjects_report(
	struct kube_subjects *s, const struct trigger_report *report);

/*
 * kube_subjects_due(s):
 * Let go whose time is over.
 */
void kube_subjects_due(struct kube_subjects *s);

#endif

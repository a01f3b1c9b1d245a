/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A trigger by what Kubernetes says of this node and of the pods on it, which
 * its API pushes: annotations, labels, taints, a cordon.
 *
 * In a pod the API is found as every client finds it: KUBERNETES_SERVICE_HOST,
 * KUBERNETES_SERVICE_PORT and the files of the service account ("Accessing the
 * Kubernetes API from a Pod"), whose token is read again for each request,
 * since it is renewed.
 *
 * The role needs, and no more than:
 *     nodes: list, watch      node-annotation, node-label, node-taint, cordon
 *     pods:  list, watch      pod-annotation, pod-label
 *     pods:  patch            hold; report, of pods
 *     nodes: patch            report, of the node
 * What is refused is told in the status once, and not tried again.
 */
#ifndef TRIGGER_KUBERNETES_H
#define TRIGGER_KUBERNETES_H

#include "trigger/kind.h"

#define KUBERNETES_STATUS     "icecore.dev/status"
#define KUBERNETES_HOLD	      "icecore.dev/hold"
#define KUBERNETES_HOLD_UNTIL "icecore.dev/hold-until"

/* [trigger kubernetes]; words are KEY, for any value, or KEY=VALUE. */
struct kubernetes_settings {
	const char *api; /* api: "https://HOST:PORT" */
	const char *token_file; /* token-file */
	const char *ca_file; /* ca-file */
	const char *node; /* node: its name, $NODE_NAME if not given */
	/* node-annotation, pod-annotation: "icecore.dev/capture" if not given.
	 * The value is an order or a reason. */
	struct trigger_words node_annotation, pod_annotation;
	/* node-label; pod-label: "PHASE=QUARANTINE" if not given. */
	struct trigger_words node_label, pod_label;
	struct trigger_words node_taint; /* node-taint, of any effect */
	uint32_t cordon; /* cordon: the node is not schedulable */
	/*
	 * hold: a pod gets the finalizer KUBERNETES_HOLD when it rings, until
	 * its capture ended, or for hold-seconds, which KUBERNETES_HOLD_UNTIL
	 * tells to whoever comes after a restart.  It keeps the pod's object,
	 * its name and its controllers' eyes on it; whoever deletes the pod
	 * still ends its processes, which no finalizer stops.
	 */
	uint32_t hold, hold_seconds;
	/* report: what became of a trigger, as KUBERNETES_STATUS of its pod or
	 * node: {"stage": "done", "at": TIME, "outcome": ..., "capture": ...} */
	uint32_t report;
};

extern const struct trigger_kind trigger_kubernetes;

#endif

#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""record.py URL ADMIN AGENT WEAK DIR: how the exchanges beside it were made.

URL is an API server with the nodes node-1 and node-2, the namespace shop and
its pods cart and pay on node-1 and web on node-2; ADMIN, AGENT (get, list,
watch and patch of nodes and pods) and WEAK (list and watch) are bearer tokens.
Each file holds what was asked and, word for word, what was answered.
"""

import json
import ssl
import sys
import threading
import time
import urllib.error
import urllib.request

URL, ADMIN, AGENT, WEAK, DIR = sys.argv[1:6]
META = "application/json;as=%s;g=meta.k8s.io;v=v1"
STRATEGIC = "application/strategic-merge-patch+json"
POD = "/api/v1/namespaces/shop/pods/cart"
NODE = "/api/v1/nodes/node-1"
CONTEXT = ssl.create_default_context()
CONTEXT.check_hostname = False
CONTEXT.verify_mode = ssl.CERT_NONE


def ask(method, path, token, body=None, kind=STRATEGIC, accept=""):
    request = urllib.request.Request(
        URL + path, method=method,
        data=json.dumps(body).encode() if body is not None else None)
    request.add_header("Authorization", "Bearer " + token)
    if body is not None:
        request.add_header("Content-Type", kind)
    if accept:
        request.add_header("Accept", META % accept)
    try:
        with urllib.request.urlopen(request, context=CONTEXT) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as e:
        return e.code, e.read().decode()


def keep(name, method, path, token, **more):
    status, text = ask(method, path, token, **more)
    with open("%s/%s.json" % (DIR, name), "w", encoding="utf-8") as f:
        json.dump({"method": method, "path": path, "body": more.get("body"),
                   "status": status, "answer": text}, f, indent=1)
        f.write("\n")
    print(name, status)
    return status, text


def watch(name, path, accept):
    _, text = ask("GET", path, AGENT, accept=accept)
    lines = [line for line in text.split("\n") if line]
    with open("%s/%s.json" % (DIR, name), "w", encoding="utf-8") as f:
        json.dump({"method": "GET", "path": path, "status": 200,
                   "lines": lines}, f, indent=1)
        f.write("\n")
    print(name, [json.loads(line)["type"] for line in lines])


def changes():
    """What happens while the watches run."""
    capture = {"metadata": {"annotations": {"icecore.dev/capture": "case 7"}}}
    hold = {"metadata": {"finalizers": ["icecore.dev/hold"], "annotations": {
        "icecore.dev/hold-until": "2026-01-31T00:15:00Z"}}}
    release = {"metadata": {
        "$deleteFromPrimitiveList/finalizers": ["icecore.dev/hold"],
        "annotations": {"icecore.dev/hold-until": None}}}
    label = {"metadata": {"labels": {"PHASE": "QUARANTINE"}}}
    ask("PATCH", NODE, ADMIN, capture)
    ask("PATCH", NODE, ADMIN, {"spec": {"unschedulable": True}})
    ask("PATCH", NODE, ADMIN, {"spec": {"taints": [
        {"key": "quarantine", "value": "ir", "effect": "NoExecute"}]}})
    ask("PATCH", "/api/v1/nodes/node-2", ADMIN, capture)
    ask("PATCH", POD, ADMIN, label)
    keep("patch-hold", "PATCH", POD, AGENT, body=hold,
         accept="PartialObjectMetadata")
    keep("patch-status", "PATCH", POD, AGENT, accept="PartialObjectMetadata",
         body={"metadata": {"annotations": {"icecore.dev/status": "{}"}}})
    ask("DELETE", POD, ADMIN)
    late = {"metadata": {"finalizers": ["icecore.dev/late"]}}
    keep("patch-refused", "PATCH", POD, AGENT, body=late)
    keep("patch-release", "PATCH", POD, AGENT, body=release,
         accept="PartialObjectMetadata")
    ask("DELETE", POD + "?gracePeriodSeconds=0", ADMIN)


def main():
    nodes = "/api/v1/nodes?fieldSelector=metadata.name%3Dnode-1"
    pods = "/api/v1/pods?fieldSelector=spec.nodeName%3Dnode-1"
    keep("list-node", "GET", nodes + "&limit=10", AGENT)
    _, text = keep("list-pods-1", "GET", pods + "&limit=1", AGENT,
                   accept="PartialObjectMetadataList")
    more = json.loads(text)["metadata"]
    keep("list-pods-2", "GET", pods + "&limit=1&continue=" + more["continue"],
         AGENT, accept="PartialObjectMetadataList")
    tail = "&watch=1&allowWatchBookmarks=true&timeoutSeconds=%d"
    tail += "&resourceVersion=" + more["resourceVersion"]
    threads = [
        threading.Thread(target=watch, args=(
            "watch-node", nodes + tail % 9, "")),
        threading.Thread(target=watch, args=(
            "watch-pods", pods + tail % 9, "PartialObjectMetadata"))]
    for thread in threads:
        thread.start()
    time.sleep(1)
    changes()
    for thread in threads:
        thread.join()
    watch("watch-expired", pods + "&watch=1&timeoutSeconds=5"
          "&resourceVersion=1", "")
    keep("list-expired", "GET", pods + "&limit=1&continue=eyJ2IjoibWV0YS5rOHM"
         "uaW8vdjEiLCJydiI6MSwic3RhcnQiOiJzaG9wL2NhcnRcdTAwMDAifQ", AGENT)
    keep("unauthorized", "GET", nodes, "no-such-token")
    keep("forbidden", "PATCH", NODE, WEAK,
         body={"metadata": {"annotations": {"a": "b"}}})


main()

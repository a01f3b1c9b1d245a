#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The API of Kubernetes, as far as a watch of nodes and pods needs it.

kubernetes.py: print the port, and serve until stdin ends.  Driven by PUT
/control (control_http.py):
  put       [kind, name, object]: "nodes" or "pods"; metadata gets its version
            and, if it is new, its uid
  drop      [kind, name]: it is deleted, unless it has finalizers
  send      a line that every open watch gets as it is
  close     any value: every open watch ends
  tokens    the bearer tokens that are accepted
  rbac      verbs that are allowed: "list", "watch", "patch"
  oldest    versions before it are gone: a watch from there gets an ERROR 410
  expired   "http": a watch from there is answered 410 instead
  silent    no bookmarks
What it answers has the form of the exchanges in kubernetes/*.json.
"""

import json
import sys
import time
import urllib.parse

sys.dont_write_bytecode = True

from control_http import Handler, run  # noqa: E402

FIRST = {"put": None, "drop": None, "send": None, "close": 0,
         "tokens": ["secret"], "rbac": ["list", "watch", "patch"],
         "oldest": 0, "expired": "event", "silent": True}
HOLD = "$deleteFromPrimitiveList/finalizers"


class World:
    """The objects, and everything that happened to them."""

    def __init__(self):
        self.objects = {"nodes": {}, "pods": {}}
        self.log = []
        self.version = 100
        self.closed = 0
        self.done = {"put": None, "drop": None, "send": None, "close": 0}

    def note(self, kind, what, item):
        self.version += 1
        item["metadata"]["resourceVersion"] = str(self.version)
        self.log.append((self.version, kind, json.dumps(
            {"type": what, "object": item})))

    def put(self, kind, name, item):
        meta = item.setdefault("metadata", {})
        old = self.objects[kind].get(name)
        meta["name"] = name
        meta.setdefault("uid", old["metadata"]["uid"] if old else
                        "uid-%s-%d" % (name, self.version))
        if kind == "pods":
            meta.setdefault("namespace", "shop")
        self.objects[kind][name] = item
        self.note(kind, "MODIFIED" if old else "ADDED", item)

    def drop(self, kind, name):
        item = self.objects[kind][name]
        if item["metadata"].get("finalizers"):
            item["metadata"]["deletionTimestamp"] = "2026-01-31T00:00:00Z"
            self.note(kind, "MODIFIED", item)
        else:
            del self.objects[kind][name]
            self.note(kind, "DELETED", item)

    def take(self, values):
        """What the control asked for, once."""
        for name, do in (("put", self.put), ("drop", self.drop)):
            if values[name] != self.done[name]:
                self.done[name] = values[name]
                do(*json.loads(json.dumps(values[name])))
        if values["send"] != self.done["send"]:
            self.done["send"] = values["send"]
            for kind in self.objects:
                self.log.append((self.version, kind, values["send"]))
        if values["close"] != self.done["close"]:
            self.done["close"] = values["close"]
            self.closed += 1


WORLD = World()


class Kubernetes(Handler):
    def controlled(self):
        with self.state.changed:
            WORLD.take(self.state.values)
            self.count_held()
            self.state.changed.notify_all()

    def count_held(self):
        self.state.counters["held"] = sum(
            "icecore.dev/hold" in o["metadata"].get("finalizers", [])
            for o in WORLD.objects["pods"].values())

    def serve(self):
        path, _, query = self.path.partition("?")
        self.change = self.body()
        self.query = dict(urllib.parse.parse_qsl(query))
        self.state.count("requests")
        token = self.headers.get("Authorization", "")
        if token not in ["Bearer " + t for t in self.state.get("tokens")]:
            return self.status(401, "Unauthorized")
        verb = "patch" if self.command == "PATCH" else (
            "watch" if self.query.get("watch") else "list")
        self.state.count(verb)
        if verb not in self.state.get("rbac"):
            return self.status(403, "Forbidden")
        if verb == "patch":
            return self.patch(path)
        kind = path.rpartition("/")[2]
        if kind not in WORLD.objects:
            return self.status(404, "NotFound")
        if verb == "watch":
            return self.watch(kind)
        return self.list(kind)

    def status(self, code, reason):
        self.as_json({"kind": "Status", "apiVersion": "v1", "metadata": {},
                      "status": "Failure", "reason": reason, "code": code},
                     code)

    def list(self, kind):
        first = int(self.query.get("continue", "0"))
        limit = int(self.query.get("limit", "500"))
        with self.state.changed:
            items = list(WORLD.objects[kind].values())
            meta = {"resourceVersion": str(WORLD.version)}
            if len(items) > first + limit:
                meta["continue"] = str(first + limit)
            text = json.dumps({"kind": "List", "apiVersion": "v1",
                               "metadata": meta,
                               "items": items[first:first + limit]})
        self.answer(200, text, "application/json")

    def patch(self, path):
        change = json.loads(self.change)
        kind, name = path.split("/")[-2:]
        with self.state.changed:
            item = WORLD.objects.get(kind, {}).get(name)
            if item is None:
                return self.status(404, "NotFound")
            meta, new = item["metadata"], change["metadata"]
            have = set(meta.get("finalizers", []))
            if set(new.get("finalizers", [])) - have and (
                    "deletionTimestamp" in meta):
                return self.status(422, "Invalid")
            have |= set(new.get("finalizers", []))
            have -= set(new.get(HOLD, []))
            meta["finalizers"] = sorted(have)
            notes = meta.setdefault("annotations", {})
            for key, value in new.get("annotations", {}).items():
                notes[key] = value
                if value is None:
                    del notes[key]
            self.count_held()
            if "icecore.dev/status" in new.get("annotations", {}):
                stage = json.loads(notes["icecore.dev/status"])["stage"]
                self.state.counters["stage-" + stage] = 1
            WORLD.note(kind, "MODIFIED", item)
            if not have and "deletionTimestamp" in meta:
                WORLD.drop(kind, name)
            self.state.changed.notify_all()
            return self.as_json(item)

    def line(self, text):
        text = (text + "\n").encode()
        self.wfile.write(b"%x\r\n%s\r\n" % (len(text), text))
        self.wfile.flush()

    def watch(self, kind):
        since = int(self.query["resourceVersion"])
        old = since < self.state.get("oldest")
        if old and self.state.get("expired") == "http":
            return self.status(410, "Expired")
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        self.wfile.flush()
        if old:
            self.line(json.dumps({"type": "ERROR", "object": {
                "kind": "Status", "code": 410, "reason": "Expired"}}))
        else:
            self.follow(kind, since)
        self.wfile.write(b"0\r\n\r\n")
        return None

    def follow(self, kind, since):
        with self.state.changed:
            at = next((i for i, e in enumerate(WORLD.log) if e[0] > since),
                      len(WORLD.log))
            closed = WORLD.closed
        end = time.monotonic() + float(self.query["timeoutSeconds"])
        while time.monotonic() < end:
            with self.state.changed:
                if WORLD.closed != closed:
                    return
                new, at = WORLD.log[at:], len(WORLD.log)
                bookmark = {"type": "BOOKMARK", "object": {"metadata": {
                    "resourceVersion": str(WORLD.version)}}}
                if not new:
                    self.state.changed.wait(0.1)
                    if not self.state.values["silent"]:
                        new = [(0, kind, json.dumps(bookmark))]
            for _, of, text in new:
                if of == kind:
                    self.line(text)


if __name__ == "__main__":
    run(Kubernetes, FIRST)

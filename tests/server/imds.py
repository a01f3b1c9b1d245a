#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The metadata services of EC2, Azure and GCE, as triggers see them.

imds.py: print the port, and serve until stdin ends.  What they say is changed
by PUT /control (control_http.py), with these keys:
  mode      "ok", or what is wrong with every answer: "throttle" (429 and 503),
            "html", "nul", "large" (1 MiB), "reset", "hang" (until another mode)
  token     EC2: "ok", "refuse" (403), "hang" (as a hop limit does), "expire"
            (each is good for one request)
  tags      EC2: an object, or null where InstanceMetadataTags is disabled
  groups    EC2: MAC address to a list of security group ids
  scaling   EC2: the target lifecycle state, or null
  spot      EC2: the notice's text, or null
  taglist   Azure: an object
  events    Azure: a list of scheduled events
  vm        Azure: what the events call this machine
  azure_events_mode  "ok" or "hang", as the first answer does
  attributes  GCE: an object
"""

import secrets
import sys
import urllib.parse

sys.dont_write_bytecode = True

from control_http import Handler, run  # noqa: E402

FIRST = {
    "mode": "ok", "token": "ok", "tags": {}, "scaling": None, "spot": None,
    "groups": {"0e:49:61:0f:c3:11": ["sg-0aaa"]}, "taglist": {}, "events": [],
    "vm": "web-1", "azure_events_mode": "ok", "attributes": {},
}
HANG_SECONDS = 70


class Imds(Handler):
    tokens = {}

    def serve(self):
        where, _, query = self.path.partition("?")
        self.query = dict(urllib.parse.parse_qsl(query))
        self.state.count("requests")
        if self.state.get("mode") != "ok":
            return self.wrong(self.state.get("mode"))
        if where.startswith("/latest/"):
            return self.ec2(where[len("/latest/"):])
        if where.startswith("/metadata/"):
            return self.azure(where[len("/metadata/"):])
        if where.startswith("/computeMetadata/v1/instance/"):
            return self.gce(where[len("/computeMetadata/v1/instance/"):])
        return self.answer(404)

    def wrong(self, mode):
        if mode == "throttle":
            odd = self.state.count("throttled") % 2
            return self.answer(429 if odd else 503, "slow down")
        if mode == "html":
            return self.answer(200, "<html><body>Sign in</body></html>",
                               "text/html")
        if mode == "nul":
            return self.answer(200, b"\0\0{\"\0\xff")
        if mode == "large":
            return self.answer(200, b"icecore\n" * (1 << 17))
        if mode == "hang":
            self.wait(lambda: self.state.values["mode"] != "hang")
        self.close_connection = True
        return None

    def wait(self, until, seconds=HANG_SECONDS):
        with self.state.changed:
            return self.state.changed.wait_for(until, seconds)

    # EC2.

    def ec2(self, what):
        if what == "api/token":
            return self.ec2_token()
        token = self.headers.get("X-aws-ec2-metadata-token", "")
        if token not in self.tokens:
            return self.answer(401)
        if self.state.get("token") == "expire":
            del self.tokens[token]
        if not what.startswith("meta-data/"):
            return self.answer(404)
        found = self.ec2_find(what[len("meta-data/"):])
        if found is None:
            return self.answer(404, "<html>404 - Not Found</html>",
                               "text/html")
        return self.answer(200, found)

    def ec2_token(self):
        mode = self.state.get("token")
        if self.command != "PUT":
            return self.answer(405)
        ttl = self.headers.get("X-aws-ec2-metadata-token-ttl-seconds", "")
        if not ttl.isdigit() or not 1 <= int(ttl) <= 21600:
            return self.answer(400)
        if mode == "refuse":
            return self.answer(403)
        if mode == "hang":
            self.wait(lambda: self.state.values["token"] != "hang")
            self.close_connection = True
            return None
        token = secrets.token_urlsafe(40)
        self.tokens[token] = True
        self.state.count("tokens")
        return self.answer(200, token)

    def ec2_find(self, what):
        tags, groups = self.state.get("tags"), self.state.get("groups")
        if what == "tags/":
            return None if tags is None else "instance/"
        if what.startswith("tags/instance/"):
            name = what[len("tags/instance/"):]
            if not name:
                return "\n".join(sorted(tags)) if tags else None
            return (tags or {}).get(urllib.parse.unquote(name))
        macs = "network/interfaces/macs/"
        if what == macs:
            return "\n".join(mac + "/" for mac in groups)
        if what.startswith(macs) and what.endswith("/security-group-ids"):
            mac = what[len(macs):].partition("/")[0]
            return "\n".join(groups[mac]) if mac in groups else None
        if what == "autoscaling/target-lifecycle-state":
            return self.state.get("scaling")
        if what == "spot/instance-action":
            return self.state.get("spot")
        return None

    # Azure.

    def azure(self, what):
        if self.headers.get("Metadata", "").lower() != "true":
            return self.as_json({"error": "Bad request. Required metadata "
                                 "header not specified"}, 400)
        version = self.query.get("api-version", "")
        if what == "instance/compute/tagsList" and version >= "2019-06-04":
            tags = self.state.get("taglist")
            return self.as_json([{"name": k, "value": v}
                                 for k, v in tags.items()])
        if what == "instance/compute/name" and version:
            if self.query.get("format") != "text":
                return self.as_json({"error": "format"}, 400)
            return self.answer(200, self.state.get("vm"))
        if what == "scheduledevents" and version >= "2017-08-01":
            if self.state.get("azure_events_mode") == "hang":
                self.wait(lambda: self.state.values["azure_events_mode"] !=
                          "hang")
            return self.as_json({"DocumentIncarnation": self.state.version,
                                 "Events": self.state.get("events")})
        return self.as_json({"error": "Not found"}, 404)

    # GCE.

    def gce(self, what):
        flavor = {"Metadata_Flavor": "Google"}
        if self.headers.get("Metadata-Flavor") != "Google":
            return self.answer(403, **flavor)
        if what != "attributes/" or self.query.get("recursive") != "true":
            return self.answer(404, **flavor)
        if self.query.get("wait_for_change") == "true":
            self.state.count("waits")
            old = self.query.get("last_etag", "0")
            self.wait(lambda: self.etag() != old,
                      float(self.query.get("timeout_sec", HANG_SECONDS)))
        if self.state.get("mode") != "ok":
            return self.wrong(self.state.get("mode"))
        with self.state.changed:
            return self.as_json(self.state.values["attributes"],
                                ETag=self.etag(), **flavor)

    def etag(self):
        return "%016x" % self.state.version


if __name__ == "__main__":
    run(Imds, FIRST)

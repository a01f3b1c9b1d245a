#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""sas.py CONTAINER PERMISSIONS [BLOB]: a service SAS of Azure's, as a query.

AZURE_ACCOUNT and AZURE_KEY are in the environment.  sas.py --account: an
account SAS with all rights instead.  Written from "Create a service SAS" and
"Create an account SAS" of the Storage services REST API reference; shares
nothing with store_azure.py, which checks.
"""

import argparse
import base64
import datetime
import hmac
import os
from urllib.parse import urlencode

NEW = "2021-12-02"


def seal(fields):
    key = base64.b64decode(os.environ["AZURE_KEY"])
    digest = hmac.new(key, "\n".join(fields).encode(), "sha256").digest()
    return base64.b64encode(digest).decode()


def service(o, end):
    name = os.environ["AZURE_ACCOUNT"]
    resource = "/blob/%s/%s" % (name, o.container)
    sr = "c"
    if o.blob:
        resource, sr = resource + "/" + o.blob, "b"
    fields = [o.permissions, "", end, resource, "", "", o.protocol, o.version]
    if o.version >= "2018-11-09":
        fields += [sr, ""]
    if o.version >= "2020-12-06":
        fields += [""]
    query = {"sv": o.version, "se": end, "sr": sr, "sp": o.permissions,
             "sig": seal(fields + [""] * 5)}
    if o.protocol:
        query["spr"] = o.protocol
    return query


def account(end):
    fields = [os.environ["AZURE_ACCOUNT"], "rwdlac", "b", "sco", "", end, "",
              "", NEW, "", ""]
    return {"sv": NEW, "ss": "b", "srt": "sco", "sp": "rwdlac", "se": end,
            "sig": seal(fields)}


def main():
    p = argparse.ArgumentParser()
    p.add_argument("--account", action="store_true")
    p.add_argument("--seconds", type=int, default=3600)
    p.add_argument("--version", default=NEW)
    p.add_argument("--protocol", default="", help="https, or any")
    p.add_argument("container", nargs="?")
    p.add_argument("permissions", nargs="?", default="c")
    p.add_argument("blob", nargs="?", default="")
    o = p.parse_args()
    end = (datetime.datetime.now(datetime.timezone.utc) +
           datetime.timedelta(seconds=o.seconds)).strftime("%Y-%m-%dT%H:%M:%SZ")
    print(urlencode(account(end) if o.account else service(o, end)))


if __name__ == "__main__":
    main()

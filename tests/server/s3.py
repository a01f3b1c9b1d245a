#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The control side of S3 for tests: requests, tickets, versions.

The endpoint and the keys come from the environment: S3_URL, S3_ACCESS_KEY,
S3_SECRET_KEY, S3_TOKEN, S3_REGION, CA_FILE.  Most commands print the status
and the code of an error, such as "403 AccessDenied".
"""

import argparse
import base64
import hashlib
import http.client
import json
import os
import re
import secrets
import ssl
import sys
import xml.etree.ElementTree as ElementTree
from urllib.parse import quote, urlencode, urlsplit

sys.dont_write_bytecode = True

from sigv4 import Signer  # noqa: E402

URL = os.environ.get("S3_URL", "")


def signer(options, service=""):
    return Signer(os.environ["S3_ACCESS_KEY"], os.environ["S3_SECRET_KEY"],
                  os.environ.get("S3_TOKEN", ""),
                  os.environ.get("S3_REGION") or "us-east-1",
                  options.goog, service, options.skew)


def exchange(method, url, headers, body=b""):
    """(status, headers, body) of one request."""
    parts = urlsplit(url)
    if parts.scheme == "https":
        context = ssl.create_default_context(cafile=os.environ["CA_FILE"])
        connection = http.client.HTTPSConnection(parts.netloc, timeout=60,
                                                 context=context)
    else:
        # Not every resolver knows what is below localhost.
        host = re.sub(r"^.*\.localhost\b", "127.0.0.1", parts.netloc)
        connection = http.client.HTTPConnection(host, timeout=60)
    target = parts.path + ("?" + parts.query if parts.query else "")
    connection.request(method, target, body, headers)
    reply = connection.getresponse()
    data = reply.read()
    connection.close()
    return reply.status, reply.headers, data


def signed(options, method, path, headers=None, body=b""):
    url = URL + path
    headers = dict(headers or {})
    if method == "PUT" or method == "POST":
        headers.setdefault("content-length", str(len(body)))
    return exchange(method, url, signer(options).header(
        method, url, headers, body), body)


def outcome(status, body):
    """What is printed of an answer."""
    found = re.search(rb"<Code>([^<]*)</Code>", body)
    return "%d%s" % (status, " " + found.group(1).decode() if found else "")


def parse_headers(lines):
    pairs = (line.split(":", 1) for line in lines or [])
    return {name.strip().lower(): value.strip() for name, value in pairs}


def read(name):
    if not name:
        return b""
    with open(name, "rb") as f:
        return f.read()


def checksums(body):
    return {"content-md5": base64.b64encode(
                hashlib.md5(body).digest()).decode(),
            "x-amz-checksum-sha256": base64.b64encode(
                hashlib.sha256(body).digest()).decode()}


def elements(body, name):
    """[{child: text}] of each element of that name, whatever its namespace."""
    return [{child.tag.rpartition("}")[2]: child.text or "" for child in e}
            for e in ElementTree.fromstring(body).iter()
            if e.tag.rpartition("}")[2] == name]


def do_request(o):
    body = read(o.data)
    status, _, data = signed(o, o.method, o.path, parse_headers(o.header),
                             body)
    if o.output:
        with open(o.output, "wb") as f:
            f.write(data)
    print(outcome(status, data))


def do_put(o):
    body = read(o.file)
    headers = checksums(body)
    headers.update(parse_headers(o.header))
    status, _, data = signed(o, "PUT", o.path, headers, body)
    print(outcome(status, data))


def do_presign(o):
    url = URL + o.path
    print(signer(o).presign(o.method, url, parse_headers(o.header),
                            o.seconds))


def do_policy(o):
    print(json.dumps({
        "url": "%s/%s" % (URL, o.bucket),
        "fields": signer(o).post_policy(o.bucket, o.prefix, o.seconds,
                                        o.most)}))


def do_post(o):
    """What a holder of the ticket does: one file, as one form."""
    ticket = json.loads(read(o.ticket))
    body = read(o.file)
    fields = dict(ticket["fields"], key=o.key)
    sums = checksums(body)
    fields["Content-MD5"] = sums["content-md5"]
    fields["x-amz-checksum-sha256"] = sums["x-amz-checksum-sha256"]
    fields.update(item.split("=", 1) for item in o.field or [])
    boundary = secrets.token_hex(20)
    out = b"".join(
        ("--%s\r\nContent-Disposition: form-data; name=\"%s\"\r\n\r\n%s\r\n"
         % (boundary, n, v)).encode() for n, v in fields.items())
    out += ("--%s\r\nContent-Disposition: form-data; name=\"file\"; "
            "filename=\"f\"\r\nContent-Type: application/octet-stream\r\n\r\n"
            % boundary).encode() + body
    out += ("\r\n--%s--\r\n" % boundary).encode()
    status, _, data = exchange("POST", ticket["url"], {
        "Content-Type": "multipart/form-data; boundary=" + boundary}, out)
    print(outcome(status, data))


def do_make_bucket(o):
    headers = {"x-amz-bucket-object-lock-enabled": "true"} if o.lock else {}
    status, _, data = signed(o, "PUT", "/" + o.bucket, headers)
    if o.lock and status == 200:
        rule = ("<ObjectLockConfiguration><ObjectLockEnabled>Enabled"
                "</ObjectLockEnabled><Rule><DefaultRetention><Mode>COMPLIANCE"
                "</Mode><Days>%d</Days></DefaultRetention></Rule>"
                "</ObjectLockConfiguration>" % o.lock).encode()
        status, _, data = signed(o, "PUT", "/%s?object-lock=" % o.bucket,
                                 {"content-md5": checksums(rule)[
                                     "content-md5"]}, rule)
    print(outcome(status, data))


def do_assume_role(o):
    """Session keys that can put below one prefix, as shell assignments."""
    policy = {"Version": "2012-10-17", "Statement": [{
        "Effect": "Allow", "Action": ["s3:PutObject"],
        "Resource": ["arn:aws:s3:::%s/%s*" % (o.bucket, o.prefix)]}]}
    body = urlencode({"Action": "AssumeRole", "Version": "2011-06-15",
                      "RoleArn": o.role, "RoleSessionName": "capture",
                      "DurationSeconds": o.seconds,
                      "Policy": json.dumps(policy)},
                     quote_via=quote).encode()
    url = URL + "/"
    headers = signer(o, "sts").header("POST", url, {
        "content-type": "application/x-www-form-urlencoded"}, body)
    status, _, data = exchange("POST", url, headers, body)
    if status != 200:
        raise SystemExit(outcome(status, data))
    keys = elements(data, "Credentials")[0]
    for name, field in (("S3_ACCESS_KEY", "AccessKeyId"),
                        ("S3_SECRET_KEY", "SecretAccessKey"),
                        ("S3_TOKEN", "SessionToken"),
                        ("EXPIRATION", "Expiration")):
        print("%s='%s'" % (name, keys[field]))


def do_versions(o):
    """A line "key version size" for each version."""
    marker = {}
    while True:
        query = [("prefix", o.prefix), ("versions", "")]
        query = sorted(query + list(marker.items()))
        status, _, data = signed(o, "GET", "/%s?%s" % (
            o.bucket, urlencode(query, quote_via=quote)))
        if status != 200:
            raise SystemExit(outcome(status, data))
        for v in elements(data, "Version"):
            print(v["Key"], v["VersionId"], v["Size"])
        top = elements(data, "ListVersionsResult")[0]
        if top.get("IsTruncated") != "true":
            return
        marker = {"key-marker": top["NextKeyMarker"],
                  "version-id-marker": top["NextVersionIdMarker"]}


def do_delete_version(o):
    headers = {"x-amz-bypass-governance-retention": "true"} if o.bypass else {}
    status, _, data = signed(o, "DELETE", "/%s/%s?versionId=%s" % (
        o.bucket, quote(o.key), quote(o.version, safe="")), headers)
    print(outcome(status, data))


def do_get(o):
    path = "/%s/%s" % (o.bucket, quote(o.key))
    if o.version:
        path += "?versionId=" + quote(o.version, safe="")
    status, _, data = signed(o, "GET", path)
    if status == 200:
        with open(o.file, "wb") as f:
            f.write(data)
    print(outcome(status, data if status != 200 else b""))


COMMANDS = (
    (do_request, "request", "method path", "-H -d -o"),
    (do_put, "put", "path file", "-H"),
    (do_presign, "presign", "method path seconds", "-H"),
    (do_policy, "policy", "bucket prefix seconds most", ""),
    (do_post, "post", "ticket key file", "-F"),
    (do_make_bucket, "make-bucket", "bucket", "--lock"),
    (do_assume_role, "assume-role", "role bucket prefix seconds", ""),
    (do_versions, "versions", "bucket prefix", ""),
    (do_delete_version, "delete-version", "bucket key version", "--bypass"),
    (do_get, "get", "bucket key file", "--version"),
)
OPTIONS = {
    "-H": {"dest": "header", "action": "append"},
    "-F": {"dest": "field", "action": "append"},
    "-d": {"dest": "data"}, "-o": {"dest": "output"},
    "--lock": {"type": int, "default": 0, "metavar": "DAYS"},
    "--bypass": {"action": "store_true"},
    "--version": {"default": ""},
}


def main():
    p = argparse.ArgumentParser()
    p.add_argument("--goog", action="store_true", help="sign as Google has it")
    p.add_argument("--skew", type=int, default=0, metavar="SECONDS")
    sub = p.add_subparsers(required=True, dest="command")
    for function, name, positional, optional in COMMANDS:
        command = sub.add_parser(name)
        command.set_defaults(function=function)
        for argument in positional.split():
            number = argument in ("seconds", "most")
            command.add_argument(argument, type=int if number else str)
        for option in optional.split():
            command.add_argument(option, **OPTIONS[option])
    options = p.parse_args()
    options.function(options)


if __name__ == "__main__":
    main()

# SPDX-License-Identifier: Apache-2.0
"""A plain HTTP collector, and STS."""

import re
import urllib.parse

from store_http import Refusal, Reply, iso, xml
from store_objects import check_md5
from store_s3 import etag, ranged

STS = "https://sts.amazonaws.com/doc/2011-06-15/"
BUCKET = "http"


class Plain:
    """PUT, GET, HEAD and DELETE of objects in the bucket "http"; who asks has
    a bearer token, or the certificate "cert:NAME" of the keys file."""

    def __init__(self, objects, grants, clock):
        self.objects = objects
        self.grants = grants
        self.clock = clock

    def handle(self, request):
        key = urllib.parse.unquote(request.path)[1:]
        request.note.update(bucket=BUCKET, key=key)
        grant = self._who(request)
        action = {"PUT": "PutObject", "GET": "GetObject", "HEAD": "GetObject",
                  "DELETE": "DeleteObject"}.get(request.method)
        if action is None:
            raise Refusal(405, "MethodNotAllowed")
        if not grant.allows(action, key):
            raise Refusal(403, "Forbidden")
        if action == "PutObject":
            return self._put(request, key)
        if action == "DeleteObject":
            if not self.objects.delete(BUCKET, key):
                raise Refusal(404, "NotFound")
            return Reply(204)
        data = self.objects.get(BUCKET, key)
        if data is None:
            raise Refusal(404, "NotFound")
        return ranged(request, data, ETag=etag(data))

    def _who(self, request):
        found = re.fullmatch("(?i:bearer) +(.+)",
                             request.header("authorization"))
        name = found.group(1) if found else "cert:" + request.cert_name
        grant = self.grants.find("tokens", name)
        if grant is None or grant.expired(self.clock()):
            raise Refusal(401, "Unauthorized",
                          WWW_Authenticate='Bearer realm="test"')
        return grant

    def _put(self, request, key):
        if not request.has("content-length"):
            raise Refusal(411, "LengthRequired")
        check_md5(request)
        absent = request.header("if-none-match") == "*"
        stored = self.objects.put(BUCKET, key, request.body, absent)
        request.note["stored"] = stored
        if stored == "exists":
            raise Refusal(412, "PreconditionFailed")
        return Reply(201 if stored == "new" else 204)

    @staticmethod
    def error(_request, refusal):
        return Reply(refusal.status, refusal.message + "\n", "text/plain",
                     **refusal.headers)


class Sts:
    """AssumeRoleWithWebIdentity: the token is a bearer token of the keys file,
    whose rights the temporary keys get."""

    def __init__(self, grants, clock, seconds):
        self.grants = grants
        self.clock = clock
        self.seconds = seconds

    def handle(self, request):
        form = dict(request.query)
        if request.method == "POST":
            form.update(urllib.parse.parse_qsl(
                bytes(request.body).decode("utf-8", "replace")))
        if request.method not in ("GET", "POST") or (
                form.get("Action") != "AssumeRoleWithWebIdentity" or
                form.get("Version") != "2011-06-15"):
            raise Refusal(400, "InvalidAction", "only "
                          "AssumeRoleWithWebIdentity of 2011-06-15")
        for name in ("RoleArn", "RoleSessionName", "WebIdentityToken"):
            if not form.get(name):
                raise Refusal(400, "ValidationError", name + " is missing")
        grant = self.grants.find("tokens", form["WebIdentityToken"])
        if grant is None:
            raise Refusal(400, "InvalidIdentityToken", "the token is unknown")
        if grant.expired(self.clock()):
            raise Refusal(400, "ExpiredTokenException", "the token is expired")
        return self._answer(form, grant)

    def _answer(self, form, grant):
        expires = self.clock() + self.seconds
        name, entry = self.grants.issue_key(grant, expires)
        result = xml("Credentials", AccessKeyId=name,
                     SecretAccessKey=entry["secret"],
                     SessionToken=entry["token"], Expiration=iso(expires))
        result += xml("AssumedRoleUser", Arn=form["RoleArn"],
                      AssumedRoleId="AROATEST:" + form["RoleSessionName"])
        return Reply(200, '<AssumeRoleWithWebIdentityResponse xmlns="%s">'
                     "<AssumeRoleWithWebIdentityResult>%s"
                     "</AssumeRoleWithWebIdentityResult>%s"
                     "</AssumeRoleWithWebIdentityResponse>"
                     % (STS, result, xml("ResponseMetadata",
                                         RequestId="test")), "text/xml")

    @staticmethod
    def error(_request, refusal):
        body = '<ErrorResponse xmlns="%s">%s%s</ErrorResponse>' % (
            STS, xml("Error", Type="Sender", Code=refusal.code,
                     Message=refusal.message), xml("RequestId"))
        return Reply(refusal.status, body, "text/xml", **refusal.headers)

# SPDX-License-Identifier: Apache-2.0
"""Azure Blob Storage: Put Blob and what else a service SAS may allow.

Written from "Create a service SAS", "Put Blob" and "Blob service error codes"
of the Storage services REST API reference.
"""

import base64
import calendar
import hmac
import re
import time
import urllib.parse

from store_http import Refusal, Reply, escape, http_date, xml
from store_objects import b64_md5, check_md5
from store_s3 import etag, ranged

# From which x-ms-version on the string to sign has the lines in the middle.
WITH_RESOURCE = "2018-11-09"
WITH_SCOPE = "2020-12-06"
OLDEST = "2015-04-05"
LETTERS = {"PutObject": "cw", "GetObject": "r", "DeleteObject": "d",
           "ListBucket": "l"}


class Azure:
    def __init__(self, objects, grants, clock, secure):
        self.objects = objects
        self.grants = grants
        self.clock = clock
        self.secure = secure

    def handle(self, request):
        account, container, blob = self.place(request)
        request.note.update(bucket=container, key=blob)
        permissions, prefix = self._authorize(request, account, container,
                                              blob)
        version = request.header("x-ms-version")
        if not version:
            raise missing_header("x-ms-version")
        if not self.objects.has_bucket(container):
            raise Refusal(404, "ContainerNotFound",
                          "The specified container does not exist.")
        handler, action = self._operation(request, blob)
        what = blob if blob else request.param("prefix")
        if not set(LETTERS[action]) & set(permissions) or (
                not what.startswith(prefix)):
            raise mismatch()
        return handler(request, container, blob, permissions)

    def place(self, request):
        """Account, container and blob: ACCOUNT.blob.HOST, or in the path."""
        path = urllib.parse.unquote(request.path)[1:]
        host = request.header("host")
        account = host.split(".")[0]
        if ".blob." not in host:
            account, _, path = path.partition("/")
        container, _, blob = path.partition("/")
        return account, container, blob

    def _operation(self, request, blob):
        comp = request.param("comp")
        if request.method == "GET" and not blob and comp == "list" and (
                request.param("restype") == "container"):
            return self._list, "ListBucket"
        does = {"PUT": (self._put, "PutObject"),
                "GET": (self._get, "GetObject"),
                "HEAD": (self._get, "GetObject"),
                "DELETE": (self._delete, "DeleteObject")}
        if not blob or request.method not in does:
            raise Refusal(405, "UnsupportedHttpVerb",
                          "The resource doesn't support specified Http Verb.")
        if comp:
            # Put Block and its like would need more than c.
            raise mismatch()
        return does[request.method]

    def _authorize(self, request, account, container, blob):
        """(permissions, prefix) of who asks."""
        text = request.header("authorization")
        if text:
            return self._bearer(text)
        if request.param("sig"):
            return self._sas(request, account, container, blob), ""
        raise Refusal(401, "NoAuthenticationInformation",
                      "Server failed to authenticate the request. Please refer "
                      "to the information in the www-authenticate header.",
                      WWW_Authenticate="Bearer authorization_uri="
                      "https://login.microsoftonline.com/test "
                      "resource_id=https://storage.azure.com")

    def _bearer(self, text):
        scheme, _, token = text.partition(" ")
        grant = self.grants.find("tokens", token.strip())
        if scheme != "Bearer" or grant is None or grant.expired(self.clock()):
            raise Refusal(401, "InvalidAuthenticationInfo",
                          "Server failed to authenticate the request.",
                          WWW_Authenticate="Bearer error=invalid_token")
        letters = "".join(LETTERS[action] for action in grant.actions)
        return letters, grant.prefix

    def _sas(self, request, account, container, blob):
        """The permissions of a service SAS that is good here and now."""
        key = self.grants.account_key(account)
        if key is None:
            raise failed("no such account")
        sr = request.param("sr")
        version = request.param("sv")
        if sr not in ("c", "b") or version < OLDEST:
            raise failed("sr=%s sv=%s" % (sr, version))
        resource = "/blob/%s/%s" % (account, container)
        if sr == "b":
            resource += "/" + blob
        want = hmac.digest(key, self._to_sign(request, resource, version)
                           .encode(), "sha256")
        try:
            given = base64.b64decode(request.param("sig"), validate=True)
        except ValueError:
            given = b""
        if not hmac.compare_digest(want, given):
            raise failed("Signature did not match. String to sign used was " +
                         self._to_sign(request, resource, version))
        self._in_time(request)
        if request.param("spr") == "https" and not self.secure:
            raise Refusal(403, "AuthorizationProtocolMismatch",
                          "This request is not authorized to perform this "
                          "operation using this protocol.")
        if request.param("sip") not in ("", "127.0.0.1"):
            raise Refusal(403, "AuthorizationSourceIPMismatch",
                          "This request is not authorized to perform this "
                          "operation using this source IP 127.0.0.1.")
        return request.param("sp")

    @staticmethod
    def _to_sign(request, resource, version):
        p = request.param
        lines = [p("sp"), p("st"), p("se"), resource, p("si"), p("sip"),
                 p("spr"), version]
        if version >= WITH_RESOURCE:
            lines += [p("sr"), p("snapshot")]
        if version >= WITH_SCOPE:
            lines += [p("ses")]
        lines += [p(n) for n in ("rscc", "rscd", "rsce", "rscl", "rsct")]
        return "\n".join(lines)

    def _in_time(self, request):
        now = self.clock()
        start, end = request.param("st"), request.param("se")
        if now >= parse_time(end):
            raise failed("Signature not valid in the specified time frame: "
                         "Expiry [%s]" % end)
        if start and now < parse_time(start):
            raise failed("Signature not valid in the specified time frame: "
                         "Start [%s]" % start)

    def _put(self, request, container, blob, permissions):
        if not request.has("content-length"):
            raise Refusal(411, "MissingContentLengthHeader",
                          "The Content-Length header was not specified.")
        kind = request.header("x-ms-blob-type")
        if not kind:
            raise missing_header("x-ms-blob-type")
        if kind != "BlockBlob":
            raise Refusal(400, "InvalidHeaderValue", "x-ms-blob-type " + kind)
        if request.header("x-ms-content-crc64"):
            raise Refusal(501, "NotImplemented", "no CRC64 here")
        check_md5(request, "Md5Mismatch", "InvalidMd5")
        if request.header("if-none-match") not in ("", "*"):
            raise Refusal(400, "InvalidHeaderValue", "If-None-Match")
        absent = request.header("if-none-match") == "*"
        may_overwrite = "w" in permissions
        stored = self.objects.put(container, blob, request.body,
                                  absent or not may_overwrite)
        request.note["stored"] = stored
        if stored == "exists" and not may_overwrite:
            raise Refusal(403, "UnauthorizedBlobOverwrite",
                          "This request is not authorized to perform blob "
                          "overwrites.")
        if stored == "exists":
            raise Refusal(409, "BlobAlreadyExists",
                          "The specified blob already exists.")
        return Reply(201, ETag=etag(request.body), Last_Modified=http_date(0),
                     Content_MD5=b64_md5(request.body),
                     x_ms_request_server_encrypted="true")

    def _get(self, request, container, blob, _permissions):
        data = self.objects.get(container, blob)
        if data is None:
            raise Refusal(404, "BlobNotFound",
                          "The specified blob does not exist.")
        if request.header("x-ms-range"):
            request.headers.append(("range", request.header("x-ms-range")))
        return ranged(request, data, ETag=etag(data),
                      x_ms_blob_type="BlockBlob")

    def _delete(self, request, container, blob, _permissions):
        if not self.objects.delete(container, blob):
            raise Refusal(404, "BlobNotFound",
                          "The specified blob does not exist.")
        return Reply(202)

    def _list(self, request, container, _blob, _permissions):
        marker = request.param("marker")
        most = int(request.param("maxresults", "5000"))
        found = [e for e in self.objects.list(container,
                                              request.param("prefix"))
                 if e[0] >= marker]
        blobs = "".join(
            "<Blob><Name>%s</Name>%s</Blob>" % (
                escape(key), xml("Properties", **{"Content-Length": size}))
            for key, size, _ in found[:most])
        rest = found[most][0] if len(found) > most else ""
        return Reply(200, '\ufeff<?xml version="1.0" encoding="utf-8"?>'
                     "<EnumerationResults><Blobs>%s</Blobs><NextMarker>%s"
                     "</NextMarker></EnumerationResults>"
                     % (blobs, escape(rest)))

    @staticmethod
    def error(_request, refusal):
        """The body of an error; it begins with a byte order mark, as
        Azure's do."""
        fields = {"Code": refusal.code, "Message": refusal.message +
                  "\nRequestId:test\nTime:2020-01-01T00:00:00.0000000Z"}
        fields.update(refusal.fields)
        body = ('\ufeff<?xml version="1.0" encoding="utf-8"?>' +
                xml("Error", **fields))
        return Reply(refusal.status, body, **refusal.headers,
                     x_ms_error_code=refusal.code)


def failed(why):
    return Refusal(403, "AuthenticationFailed", "Server failed to authenticate "
                   "the request. Make sure the value of Authorization header "
                   "is formed correctly including the signature.").tell(
                       AuthenticationErrorDetail=why)


def mismatch():
    return Refusal(403, "AuthorizationPermissionMismatch",
                   "This request is not authorized to perform this operation "
                   "using this permission.")


def missing_header(name):
    return Refusal(400, "MissingRequiredHeader", "An HTTP header that's "
                   "mandatory for this request is not specified.").tell(
                       HeaderName=name)


def parse_time(text):
    for shape in ("%Y-%m-%dT%H:%M:%SZ", "%Y-%m-%dT%H:%MZ", "%Y-%m-%d"):
        if re.match(r"\d{4}-", text):
            try:
                return calendar.timegm(time.strptime(text, shape))
            except ValueError:
                continue
    raise failed("no time: " + text)

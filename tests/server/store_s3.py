# SPDX-License-Identifier: Apache-2.0
"""The object operations of S3, and of Cloud Storage's XML API (gs)."""

import base64
import hashlib
import re
import urllib.parse

from store_form import parse_form
from store_http import Refusal, Reply, escape, http_date, iso, xml
from store_objects import b64_md5, check_digest, check_md5
from store_sigv4 import AWS, GOOG, Verifier, check_sha256

NAMESPACE = 'xmlns="http://s3.amazonaws.com/doc/2006-03-01/"'
DECLARATION = '<?xml version="1.0" encoding="UTF-8"?>\n'
MAX_KEYS = 1000


class S3:
    """One of the two dialects; ${need_checksum} is what a bucket with object
    lock asks of every PUT."""

    def __init__(self, objects, grants, clock, region, need_checksum):
        self.objects = objects
        self.verifier = Verifier(AWS, region, grants, clock)
        self.need_checksum = need_checksum

    def handle(self, request):
        bucket, key = self.place(request)
        request.note.update(bucket=bucket, key=key)
        if request.method == "POST" and not key:
            return self._post(request, bucket)
        grant = self.verifier.check(request)
        if not self.objects.has_bucket(bucket):
            raise Refusal(404, "NoSuchBucket",
                          "The specified bucket does not exist")
        does = {("PUT", True): (self._put, "PutObject"),
                ("GET", True): (self._get, "GetObject"),
                ("HEAD", True): (self._get, "GetObject"),
                ("DELETE", True): (self._delete, "DeleteObject"),
                ("GET", False): (self._list, "ListBucket")}
        handler, action = does.get((request.method, bool(key)), (None, None))
        if handler is None or self._subresource(request):
            raise Refusal(501, "NotImplemented",
                          "This store does not do that.")
        what = key if key else request.param("prefix")
        if not grant.allows(action, what):
            raise Refusal(403, "AccessDenied", "Access Denied")
        return handler(request, bucket, key)

    @staticmethod
    def place(request):
        """Bucket and key; the bucket is in the host's name or in the path."""
        host = request.header("host").rsplit(":", 1)[0]
        path = urllib.parse.unquote(request.path)[1:]
        if host.endswith(".localhost"):
            return host[:-len(".localhost")], path
        bucket, _, key = path.partition("/")
        return bucket, key

    @staticmethod
    def _subresource(request):
        known = {"list-type", "prefix", "delimiter", "max-keys", "start-after",
                 "continuation-token", "encoding-type", "x-id"}
        return any(n not in known and not re.match("X-(Amz|Goog)-", n)
                   for n, _ in request.query)

    def conditions(self, request):
        """True if the object may not be there yet."""
        match = request.header("if-none-match")
        if match not in ("", "*"):
            raise Refusal(501, "NotImplemented", "A header you provided "
                          "implies functionality that is not implemented")
        return match == "*"

    def checksums(self, request):
        if request.header("x-amz-copy-source"):
            raise Refusal(501, "NotImplemented", "no copies")
        check_md5(request)
        sums = [n for n, _ in request.headers
                if re.match("x-amz-(checksum-(?!algorithm)|trailer)", n)]
        for name in sums:
            if name != "x-amz-checksum-sha256":
                raise Refusal(501, "NotImplemented", name)
        check_sha256(request.header("x-amz-checksum-sha256"), request.sha256)
        if self.need_checksum and not (sums or request.has("content-md5")):
            raise Refusal(400, "InvalidRequest", "Content-MD5 OR "
                          "x-amz-checksum- HTTP header is required for Put "
                          "Object requests with Object Lock parameters")

    def _put(self, request, bucket, key):
        if not request.has("content-length"):
            raise Refusal(411, "MissingContentLength",
                          "You must provide the Content-Length HTTP header.")
        if_absent = self.conditions(request)
        self.checksums(request)
        self._store(request, bucket, key, request.body, if_absent)
        return Reply(200, ETag=etag(request.body), **self.put_headers(request))

    def put_headers(self, request):
        given = request.header("x-amz-checksum-sha256")
        return {"x_amz_checksum_sha256": given} if given else {}

    def _store(self, request, bucket, key, data, if_absent):
        stored = self.objects.put(bucket, key, data, if_absent)
        request.note["stored"] = stored
        if stored == "exists":
            raise Refusal(412, "PreconditionFailed", "At least one of the "
                          "pre-conditions you specified did not hold").tell(
                              Condition="If-None-Match")

    def _post(self, request, bucket):
        form, data = parse_form(request)
        key = form.get("key", "")
        if not key:
            raise Refusal(400, "InvalidArgument",
                          "Bucket POST must contain a field named 'key'.")
        request.note["key"] = key
        grant = self.verifier.check_policy(form, bucket, len(data))
        if not self.objects.has_bucket(bucket):
            raise Refusal(404, "NoSuchBucket",
                          "The specified bucket does not exist")
        if not grant.allows("PutObject", key):
            raise Refusal(403, "AccessDenied", "Access Denied")
        sha256 = hashlib.sha256(data)
        check_digest(form.get("content-md5"), hashlib.md5(data).digest(), 16,
                     "BadDigest", "InvalidDigest")
        check_sha256(form.get("x-amz-checksum-sha256"), sha256.hexdigest())
        request.note.update(object_sha256=sha256.hexdigest(),
                            object_bytes=len(data))
        self._store(request, bucket, key, data, False)
        status = form.get("success_action_status", "204")
        if status == "201":
            return Reply(201, DECLARATION + xml(
                "PostResponse", Bucket=bucket, Key=key, ETag=etag(data)))
        return Reply(200 if status == "200" else 204, ETag=etag(data))

    def _get(self, request, bucket, key):
        data = self.objects.get(bucket, key)
        if data is None:
            raise Refusal(404, "NoSuchKey",
                          "The specified key does not exist.")
        return ranged(request, data, ETag=etag(data))

    def _delete(self, request, bucket, key):
        self.objects.delete(bucket, key)
        return Reply(204)

    def _list(self, request, bucket, _key):
        if request.param("list-type") != "2":
            raise Refusal(501, "NotImplemented", "only ListObjectsV2")
        prefix = request.param("prefix")
        delimiter = request.param("delimiter")
        most = min(int(request.param("max-keys", str(MAX_KEYS))), MAX_KEYS)
        after = request.param("start-after")
        token = request.param("continuation-token")
        if token:
            after = base64.b64decode(token).decode()
        entries = []
        for key, size, when in self.objects.list(bucket, prefix):
            cut = key.find(delimiter, len(prefix)) if delimiter else -1
            if cut >= 0:
                key = key[:cut + len(delimiter)]
            if key > after and (not entries or entries[-1][0] != key):
                entries.append((key, size, when, cut >= 0))
        page = entries[:most]
        return Reply(200, self._list_xml(request, bucket, page,
                                         len(entries) > most))

    def _list_xml(self, request, bucket, page, truncated):
        def name(key):
            if request.param("encoding-type") == "url":
                return urllib.parse.quote(key)
            return key

        out = [DECLARATION, "<ListBucketResult %s>" % NAMESPACE,
               "<Name>%s</Name><Prefix>%s</Prefix><KeyCount>%d</KeyCount>"
               "<IsTruncated>%s</IsTruncated>" % (
                   escape(bucket), escape(request.param("prefix")), len(page),
                   "true" if truncated else "false")]
        if truncated:
            token = base64.b64encode(page[-1][0].encode()).decode()
            out.append("<NextContinuationToken>%s</NextContinuationToken>"
                       % token)
        for key, size, when, common in page:
            if common:
                out.append(xml("CommonPrefixes", Prefix=name(key)))
            else:
                out.append(xml("Contents", Key=name(key), Size=size,
                               LastModified=iso(when),
                               StorageClass="STANDARD"))
        return "".join(out) + "</ListBucketResult>"

    @staticmethod
    def error(request, refusal):
        """The body of an error."""
        fields = {"Code": refusal.code, "Message": refusal.message}
        fields.update(refusal.fields)
        if request is not None:
            fields["Resource"] = request.path
        body = DECLARATION + xml("Error", **fields, RequestId="0000TEST",
                                 HostId="test")
        return Reply(refusal.status, body, **refusal.headers)


class Gs(S3):
    """Cloud Storage: its own names, generations, and no x-amz- beside them."""

    def __init__(self, objects, grants, clock, region, need_checksum):
        super().__init__(objects, grants, clock, region, need_checksum)
        self.verifier = Verifier(GOOG, region, grants, clock)

    def handle(self, request):
        names = [n for n, _ in request.headers]
        if any(n.startswith("x-amz-") for n in names):
            raise Refusal(400, "ExcessHeaderValues", "Multiple header values "
                          "when one was expected.").tell(
                              Details="Requests cannot specify both x-amz and "
                                      "x-goog headers")
        return super().handle(request)

    def conditions(self, request):
        """If-None-Match is for reading only here: it hinders no write."""
        match = request.header("x-goog-if-generation-match")
        if match not in ("", "0"):
            raise Refusal(412, "PreconditionFailed", "no such generation")
        return match == "0"

    def checksums(self, request):
        check_md5(request)
        for one in filter(None, request.header("x-goog-hash").split(",")):
            kind, _, value = one.strip().partition("=")
            if kind != "md5":
                raise Refusal(501, "NotImplemented", "x-goog-hash " + kind)
            check_digest(value, request.md5, 16, "BadDigest", "InvalidDigest")

    def put_headers(self, request):
        return {"x_goog_generation": "1", "x_goog_metageneration": "1",
                "x_goog_hash": "md5=" + b64_md5(request.body)}


def etag(data):
    return '"%s"' % hashlib.md5(data).hexdigest()


def ranged(request, data, **headers):
    """A reply with the data, or with the one range that was asked for."""
    headers.update(Accept_Ranges="bytes", Last_Modified=http_date(0))
    text = request.header("range")
    found = re.fullmatch(r"bytes=(\d{1,15})-(\d{1,15})?", text)
    if not found:
        return Reply(200, data, "application/octet-stream", **headers)
    first = int(found.group(1))
    last = min(int(found.group(2) or len(data) - 1), len(data) - 1)
    if first > last:
        raise Refusal(416, "InvalidRange",
                      "The requested range is not satisfiable")
    headers["Content_Range"] = "bytes %d-%d/%d" % (first, last, len(data))
    return Reply(206, data[first:last + 1], "application/octet-stream",
                 **headers)

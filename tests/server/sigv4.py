# SPDX-License-Identifier: Apache-2.0
"""Signature Version 4 as a client makes it: the tests' second opinion.

Shares nothing with store_sigv4.py, which checks.
"""

import base64
import datetime
import hashlib
import hmac
import json
from urllib.parse import parse_qsl, quote, unquote, urlencode, urlsplit


class Signer:
    def __init__(self, access, secret, token="", region="us-east-1",
                 goog=False, service="", skew=0):
        self.access = access
        self.token = token
        self.service = service or ("storage" if goog else "s3")
        self.x = "x-goog-" if goog else "x-amz-"
        self.algorithm = ("GOOG4" if goog else "AWS4") + "-HMAC-SHA256"
        now = (datetime.datetime.now(datetime.timezone.utc) +
               datetime.timedelta(seconds=skew))
        self.now = now
        self.date = now.strftime("%Y%m%dT%H%M%SZ")
        self.scope = "/".join((self.date[:8], region, self.service,
                               "goog4_request" if goog else "aws4_request"))
        self._key = (("GOOG4" if goog else "AWS4") + secret).encode()
        for part in self.scope.split("/"):
            self._key = hmac.new(self._key, part.encode(), "sha256").digest()

    def sign(self, text):
        return hmac.new(self._key, text.encode(), "sha256").hexdigest()

    def _signature(self, method, url, headers, query, payload):
        names = sorted(headers)
        canonical = "\n".join((
            method, quote(unquote(urlsplit(url).path or "/"), safe="/-_.~"),
            urlencode(sorted(query), quote_via=quote, safe="-_.~"),
            "".join("%s:%s\n" % (n, " ".join(headers[n].split()))
                    for n in names),
            ";".join(names), payload))
        digest = hashlib.sha256(canonical.encode()).hexdigest()
        return ";".join(names), self.sign("\n".join(
            (self.algorithm, self.date, self.scope, digest)))

    def header(self, method, url, headers, body):
        """The headers (of lower case) to send, signature and all."""
        parts = urlsplit(url)
        payload = hashlib.sha256(body).hexdigest()
        signed = {"host": parts.netloc, self.x + "date": self.date,
                  self.x + "content-sha256": payload}
        if self.token:
            signed[self.x + "security-token"] = self.token
        signed.update(headers)
        query = parse_qsl(parts.query, keep_blank_values=True)
        names, signature = self._signature(
            method, url, signed, query, signed[self.x + "content-sha256"])
        signed["authorization"] = (
            "%s Credential=%s/%s, SignedHeaders=%s, Signature=%s" % (
                self.algorithm, self.access, self.scope, names, signature))
        return signed

    def presign(self, method, url, headers, seconds):
        """The URL that does this once per signed header, for so long."""
        parts = urlsplit(url)
        signed = {"host": parts.netloc}
        signed.update(headers)
        prefix = "X-" + self.x[2:-1].capitalize() + "-"
        query = parse_qsl(parts.query, keep_blank_values=True) + [
            (prefix + "Algorithm", self.algorithm),
            (prefix + "Credential", self.access + "/" + self.scope),
            (prefix + "Date", self.date),
            (prefix + "Expires", str(seconds)),
            (prefix + "SignedHeaders", ";".join(sorted(signed)))]
        if self.token:
            query.append((prefix + "Security-Token", self.token))
        payload = signed.get(self.x + "content-sha256", "UNSIGNED-PAYLOAD")
        _, signature = self._signature(method, url, signed, query, payload)
        query.append((prefix + "Signature", signature))
        return "%s://%s%s?%s" % (
            parts.scheme, parts.netloc, parts.path,
            urlencode(query, quote_via=quote, safe="-_.~"))

    def post_policy(self, bucket, prefix, seconds, most):
        """The fields of a form that may add objects below ${prefix}, each of
        ${most} bytes at most and with both of its checksums."""
        fields = {self.x + "algorithm": self.algorithm,
                  self.x + "credential": self.access + "/" + self.scope,
                  self.x + "date": self.date}
        if self.token:
            fields[self.x + "security-token"] = self.token
        end = self.now + datetime.timedelta(seconds=seconds)
        conditions = [{"bucket": bucket}, ["starts-with", "$key", prefix],
                      ["starts-with", "$Content-MD5", ""],
                      ["starts-with", "$x-amz-checksum-sha256", ""],
                      ["content-length-range", 0, most]]
        conditions += [{name: value} for name, value in fields.items()]
        policy = base64.b64encode(json.dumps(
            {"expiration": end.strftime("%Y-%m-%dT%H:%M:%SZ"),
             "conditions": conditions}).encode()).decode()
        fields["policy"] = policy
        fields[self.x + "signature"] = self.sign(policy)
        return fields

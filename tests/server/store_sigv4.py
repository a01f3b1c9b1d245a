# SPDX-License-Identifier: Apache-2.0
"""Signature Version 4 as a server checks it: header, query and POST policy.

Written from "Authenticating Requests (AWS Signature Version 4)" of the S3 API
reference and from "Signatures" of the XML API of Cloud Storage, which differs
in its names only.
"""

import base64
import calendar
import hashlib
import hmac
import json
import re
import time
import urllib.parse

from store_http import Refusal
from store_objects import check_digest

SKEW = 15 * 60
MAX_EXPIRES = 7 * 24 * 3600
UNSIGNED = "UNSIGNED-PAYLOAD"


class Scheme:
    """The names of one dialect."""

    def __init__(self, vendor, prefix, service, end):
        self.x = "x-%s-" % vendor
        self.query = "X-%s-" % vendor.capitalize()
        self.algorithm = prefix + "-HMAC-SHA256"
        self.prefix = prefix
        self.service = service
        self.end = end


AWS = Scheme("amz", "AWS4", "s3", "aws4_request")
GOOG = Scheme("goog", "GOOG4", "storage", "goog4_request")


def encode(text, safe=""):
    """URI encoding of the specification: all but A-Z a-z 0-9 - . _ ~."""
    return urllib.parse.quote(text, safe=safe + "-._~")


def parse_time(text):
    if not re.fullmatch(r"\d{8}T\d{6}Z", text):
        raise Refusal(403, "AccessDenied", "no valid date: " + text)
    return calendar.timegm(time.strptime(text, "%Y%m%dT%H%M%SZ"))


class Verifier:
    """Checks for one dialect, one region ("": any, as Google has it), by one
    clock."""

    def __init__(self, scheme, region, grants, clock):
        self.scheme = scheme
        self.region = region
        self.grants = grants
        self.clock = clock

    def check(self, request):
        """The grant that signed ${request}; body and all were signed."""
        s = self.scheme
        if request.header("authorization"):
            return self._check_header(request)
        if request.param(s.query + "Signature"):
            return self._check_query(request)
        raise Refusal(403, "AccessDenied", "Access Denied: no signature")

    def _check_header(self, request):
        s = self.scheme
        found = re.fullmatch(
            re.escape(s.algorithm) + r" +Credential=([^, ]+),"
            r" *SignedHeaders=([^, ]+), *Signature=([0-9a-f]{64})",
            request.header("authorization"))
        if not found:
            raise Refusal(400, "AuthorizationHeaderMalformed",
                          "The authorization header is malformed.")
        credential, names, signature = found.groups()
        date = request.header(s.x + "date")
        when = parse_time(date)
        if abs(when - self.clock()) > SKEW:
            raise self._skewed(date)
        grant, scope = self._credential(
            credential, date, request.header(s.x + "security-token"))
        given = request.header(s.x + "content-sha256")
        if not given:
            raise Refusal(400, "InvalidRequest", "Missing required header for "
                          "this request: %scontent-sha256" % s.x)
        if given == UNSIGNED:
            raise Refusal(403, "AccessDenied", "the payload must be signed")
        if not re.fullmatch("[0-9a-f]{64}", given):
            raise Refusal(501, "NotImplemented",
                          "%scontent-sha256 %s" % (s.x, given))
        query = request.query
        self._compare(request, grant, scope, date, names, query, given,
                      signature)
        check_payload(given, request)
        return grant

    def _check_query(self, request):
        s = self.scheme

        def param(name):
            value = request.param(s.query + name)
            if not value:
                raise Refusal(400, "AuthorizationQueryParametersError",
                              "no " + s.query + name)
            return value

        if param("Algorithm") != s.algorithm:
            raise Refusal(400, "AuthorizationQueryParametersError",
                          "not " + s.algorithm)
        date = param("Date")
        when = parse_time(date)
        expires = param("Expires")
        if not re.fullmatch("[0-9]{1,9}", expires) or not (
                1 <= int(expires) <= MAX_EXPIRES):
            raise Refusal(400, "AuthorizationQueryParametersError",
                          "X-Amz-Expires must be between 1 and a week")
        grant, scope = self._credential(
            param("Credential"), date,
            request.param(s.query + "Security-Token"))
        now = self.clock()
        if when > now + SKEW:
            raise Refusal(403, "AccessDenied", "Request is not yet valid")
        if now > when + int(expires):
            raise Refusal(403, "AccessDenied", "Request has expired")
        query = [(n, v) for n, v in request.query
                 if n != s.query + "Signature"]
        given = request.header(s.x + "content-sha256") or UNSIGNED
        self._compare(request, grant, scope, date, param("SignedHeaders"),
                      query, given, param("Signature"))
        if given != UNSIGNED:
            check_payload(given, request)
        return grant

    def _skewed(self, date):
        now = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(self.clock()))
        return Refusal(
            403, "RequestTimeTooSkewed", "The difference between the request "
            "time and the current time is too large.").tell(
                RequestTime=date, ServerTime=now,
                MaxAllowedSkewMilliseconds=SKEW * 1000)

    def _credential(self, credential, date, token):
        """Whose it is, and the scope; the key must live, the token be its."""
        s = self.scheme
        parts = credential.split("/")
        if len(parts) != 5:
            raise Refusal(400, "AuthorizationHeaderMalformed",
                          "the credential has not five parts")
        name, day, region, service, end = parts
        wrong = [(day, date[:8]), (region, self.region or region),
                 (service, s.service), (end, s.end)]
        for got, want in wrong:
            if got != want:
                raise Refusal(
                    400, "AuthorizationHeaderMalformed", "the credential is "
                    "wrong; '%s' is not '%s'" % (got, want)).tell(
                        Region=self.region)
        grant = self.grants.find("keys", name)
        if grant is None:
            raise Refusal(403, "InvalidAccessKeyId", "The AWS Access Key Id "
                          "you provided does not exist in our records.")
        if grant.token and not token:
            raise Refusal(403, "InvalidAccessKeyId", "this key needs a token")
        if not hmac.compare_digest(grant.token.encode(), token.encode()):
            raise Refusal(400, "InvalidToken",
                          "The provided token is malformed or otherwise "
                          "invalid.")
        if grant.expired(self.clock()):
            raise Refusal(400, "ExpiredToken",
                          "The provided token has expired.")
        return grant, "/".join(parts[1:])

    def _compare(self, request, grant, scope, date, names, query, payload,
                 signature):
        signed = names.split(";")
        self._all_signed(request, signed)
        canonical = "\n".join([
            request.method,
            encode(urllib.parse.unquote_to_bytes(request.path), "/"),
            "&".join("%s=%s" % pair for pair in sorted(
                (encode(n), encode(v)) for n, v in query)),
            "".join("%s:%s\n" % (n, canonical_value(request, n))
                    for n in signed),
            names, payload])
        to_sign = "\n".join([
            self.scheme.algorithm, date, scope,
            hashlib.sha256(canonical.encode()).hexdigest()])
        if not hmac.compare_digest(self._sign(grant, scope, to_sign),
                                   signature):
            raise Refusal(
                403, "SignatureDoesNotMatch", "The request signature we "
                "calculated does not match the signature you provided.").tell(
                    StringToSign=to_sign, CanonicalRequest=canonical)

    def _all_signed(self, request, signed):
        if signed != sorted(set(signed)) or any(n != n.lower() for n in signed):
            raise Refusal(400, "AuthorizationHeaderMalformed",
                          "SignedHeaders are not sorted and of lower case")
        x = ("x-amz-", "x-goog-")
        missing = sorted({n for n, _ in request.headers
                          if n.startswith(x) and n not in signed})
        if "host" not in signed:
            missing.append("host")
        if missing:
            raise Refusal(403, "AccessDenied", "There were headers present in "
                          "the request which were not signed").tell(
                              HeadersNotSigned=", ".join(missing))

    def _sign(self, grant, scope, text):
        key = (self.scheme.prefix + grant.secret).encode()
        for part in scope.split("/"):
            key = hmac.digest(key, part.encode(), "sha256")
        return hmac.new(key, text.encode(), "sha256").hexdigest()

    def check_policy(self, form, bucket, size):
        """The grant behind a POST policy; ${form} keeps to it, as does a file
        of ${size} bytes.  Names in ${form} are of lower case."""
        s = self.scheme

        def field(name):
            if not form.get(name):
                raise Refusal(403, "AccessDenied",
                              "Bucket POST must contain a field named '%s'."
                              % name)
            return form[name]

        policy = field("policy")
        if field(s.x + "algorithm") != s.algorithm:
            raise Refusal(400, "InvalidArgument", "not " + s.algorithm)
        grant, scope = self._credential(field(s.x + "credential"),
                                        field(s.x + "date"),
                                        form.get(s.x + "security-token", ""))
        if not hmac.compare_digest(self._sign(grant, scope, policy),
                                   field(s.x + "signature")):
            raise Refusal(403, "SignatureDoesNotMatch",
                          "the policy was not signed so")
        Policy(policy).check(dict(form, bucket=bucket), size, self.clock(),
                             s.x + "signature")
        return grant


class Policy:
    """A POST policy document."""

    def __init__(self, text):
        try:
            self._policy = json.loads(base64.b64decode(text, validate=True))
            self._expires = calendar.timegm(time.strptime(
                re.sub(r"\.\d+Z$", "Z", self._policy["expiration"]),
                "%Y-%m-%dT%H:%M:%SZ"))
            self._conditions = self._policy["conditions"]
        except (ValueError, KeyError, TypeError):
            raise Refusal(400, "InvalidPolicyDocument",
                          "Invalid Policy: Invalid JSON.") from None

    def check(self, form, size, now, signature):
        if now > self._expires:
            raise Refusal(403, "AccessDenied",
                          "Invalid according to Policy: Policy expired.")
        covered = {"policy", "file", "bucket", signature}
        for condition in self._conditions:
            covered.add(self._condition(condition, form, size))
        extra = sorted(n for n in form
                       if n not in covered and not n.startswith("x-ignore-"))
        if extra:
            raise Refusal(403, "AccessDenied", "Invalid according to Policy: "
                          "Extra input fields: " + ", ".join(extra))

    def _condition(self, condition, form, size):
        """Check one; the field that it covers."""
        if isinstance(condition, dict) and len(condition) == 1:
            (name, want), = condition.items()
            kind, name = "eq", "$" + name
        elif isinstance(condition, list) and len(condition) == 3:
            kind, name, want = condition
        else:
            raise Refusal(400, "InvalidPolicyDocument",
                          "Invalid Policy: Invalid condition.")
        if kind == "content-length-range":
            return self._range(name, want, size)
        name = name.lower()[1:]
        value = form.get(name, "")
        if kind == "eq":
            good = value == want
        elif kind == "starts-with":
            good = name in form and value.startswith(want)
        else:
            raise Refusal(400, "InvalidPolicyDocument",
                          "Invalid Policy: Invalid condition.")
        if not good:
            raise Refusal(403, "AccessDenied", "Invalid according to Policy: "
                          "Policy Condition failed: " + json.dumps(condition))
        return name

    @staticmethod
    def _range(least, most, size):
        if size < least:
            raise Refusal(400, "EntityTooSmall", "Your proposed upload is "
                          "smaller than the minimum allowed size")
        if size > most:
            raise Refusal(400, "EntityTooLarge", "Your proposed upload "
                          "exceeds the maximum allowed size")
        return "file"


def canonical_value(request, name):
    values = [re.sub(" +", " ", v.strip()) for n, v in request.headers
              if n == name]
    if not values:
        raise Refusal(403, "SignatureDoesNotMatch",
                      "a signed header is not there: " + name)
    return ",".join(values)


def check_payload(given, request):
    if given != request.sha256:
        raise Refusal(400, "XAmzContentSHA256Mismatch", "The provided "
                      "'x-amz-content-sha256' header does not match what was "
                      "computed.")


def check_sha256(text, request_sha256):
    """Compare with x-amz-checksum-sha256, if there is one."""
    check_digest(text, bytes.fromhex(request_sha256), 32, "BadDigest",
                 "InvalidRequest")

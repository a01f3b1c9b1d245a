# SPDX-License-Identifier: Apache-2.0
"""multipart/form-data, as a browser posts an object (RFC 7578)."""

import re

from store_http import Refusal

MAX_FIELD = 20 << 10


def parse_form(request):
    """The fields by name of lower case, and the bytes of "file"; what comes
    after the file is ignored, as S3 does."""
    found = re.fullmatch(r'multipart/form-data; *boundary="?([^";]{1,70})"?',
                         request.header("content-type"))
    if not found:
        raise Refusal(412, "PreconditionFailed",
                      "Bucket POST must be of the enclosure-type "
                      "multipart/form-data")
    dash = b"--" + found.group(1).encode("latin-1")
    body = bytes(request.body)
    if not body.startswith(dash + b"\r\n"):
        raise _malformed("no boundary at its start")
    form = {}
    at = len(dash) + 2
    while True:
        head_end = body.find(b"\r\n\r\n", at)
        end = body.find(b"\r\n" + dash, head_end + 2)
        if head_end < 0 or end < 0:
            raise _malformed("it ends too early")
        name = _field_name(body[at:head_end])
        value = body[head_end + 4:end]
        if name == "file":
            return form, value
        if name in form or len(value) > MAX_FIELD:
            raise _malformed("field %s twice or too long" % name)
        form[name] = value.decode("utf-8", "replace")
        at = end + 2 + len(dash)
        if body[at:at + 2] != b"\r\n":
            raise Refusal(400, "InvalidArgument",
                          "POST requires exactly one file upload per request.")
        at += 2


def _field_name(head):
    found = re.search(rb'(?i)^content-disposition: *form-data;'
                      rb'(?:.*;)? *name="([^"]*)"', head, re.M)
    if not found:
        raise _malformed("a part without a name")
    return found.group(1).decode("utf-8", "replace").lower()


def _malformed(why):
    return Refusal(400, "MalformedPOSTRequest", "The body of your POST request "
                   "is not well-formed multipart/form-data: " + why)

# SPDX-License-Identifier: Apache-2.0
"""What the object store does wrong on purpose.

A rule is {"match": regex, "skip": N, "times": N, "do": FAULT, ...}; the first
that matches "METHOD path" (the path as sent, without its query), has been
skipped ${skip} times and was not yet used ${times} times is it.  FAULT is

    "503 SlowDown"    this status and error code, after the body was read;
                      "retry_after": SECONDS goes along
    "reset-mid-body"  RST after half of the body
    "lost-reply"      all is done as it should be, then RST; "lost-reply:close"
                      ends the connection in order
    "stall"           nothing is read after half of the body; silence
    "mute"            all is done as it should be, but nothing is answered
    "half-open"       not a byte is read; this one matches "ACCEPT kind",
                      where the others match a request
    "slow:N"          the body is read at N bytes per second, all is well then
    "redirect:307"    to "to", a URL; without it to the listener "elsewhere"
    "huge-headers"    1 MiB of one header; "huge-headers:many" of many
    "huge-body"       a body without end
    "lying-length"    1000 bytes less than promised, then the end
    "bad-xml:KIND"    of store_faults.BAD_XML
    "garbage"         not HTTP

The last four come with "status", 400 if it is not there.
"""

import os
import re
import threading

from store_http import Reply, Watched

MIB = 1 << 20
HEAD = "<?xml version=\"1.0\"?>\n"
BAD_XML = {
    "empty": b"",
    "truncated": (HEAD + "<Error><Code>Slow").encode(),
    "nested": (HEAD + "<a>" * 100000).encode(),
    "entities": (HEAD + "<!DOCTYPE e [<!ENTITY a \"aaaaaaaaaa\">" + "".join(
        "<!ENTITY %c \"%s\">" % (c, "&%c;" % (c - 1) * 10)
        for c in range(ord("b"), ord("j"))) + "]>"
        "<Error><Code>&i;</Code></Error>").encode(),
    "external": (HEAD + "<!DOCTYPE e [<!ENTITY x SYSTEM "
                 "\"file:///etc/passwd\">]><Error><Code>&x;</Code>"
                 "</Error>").encode(),
    "control": HEAD.encode() + b"<Error><Code>\x1b[2J\x00\x07\r\nA\xff\xfe"
               b"</Code><Message>\x1b]0;x\x07</Message></Error>",
    "long-code": (HEAD + "<Error><Code>" + "A" * MIB +
                  "</Code></Error>").encode(),
    "not-xml": b"<html><body><h1>Proxy</h1>&nbsp;<br></body>",
    "two-codes": (HEAD + "<Error><Code>AccessDenied</Code><Code>SlowDown"
                  "</Code></Error>").encode(),
}


class Cut(Exception):
    """How a connection ends: "hang" (silence until the peer gives up), "reset"
    or "close"."""


class Faults:
    """The control file."""

    def __init__(self, path):
        self._file = Watched(path, [])
        self._rules = []
        self._lock = threading.Lock()

    def find(self, what):
        """The rule for "METHOD path", or {}."""
        rules, changed = self._file.get()
        with self._lock:
            if changed:
                self._rules = [dict(rule, seen=0) for rule in rules]
            for rule in self._rules:
                at_accept = rule["do"] == "half-open"
                if at_accept != what.startswith("ACCEPT ") or (
                        not re.search(rule.get("match", ""), what)):
                    continue
                rule["seen"] += 1
                skip = rule.get("skip", 0)
                if rule["seen"] <= skip:
                    continue
                if rule["seen"] <= skip + rule.get("times", 1 << 62):
                    return rule
            return {}


def before_body(connection, request, rule):
    """The faults that hit while the body comes; True if the rest of it was
    read all the same."""
    do, _, argument = rule.get("do", "").partition(":")
    if do in ("reset-mid-body", "stall"):
        connection.keep_little()
        connection.read_body(request, request.length // 2)
        raise Cut("hang" if do == "stall" else "reset")
    if do == "slow":
        connection.keep_little()
        connection.read_body(request, rate=int(argument))
        return True
    return False


def instead_of_reply(connection, rule, elsewhere, error):
    """The faults that answer in the place of the handler: a Reply, None if
    there is nothing wrong, or the end of the connection."""
    do, _, argument = rule.get("do", "").partition(":")
    status = rule.get("status", 400)
    if re.match("[1-5][0-9][0-9] ?", do):
        code = do[4:] or "InternalError"
        return _status(int(do[:3]), code, rule, error)
    if do == "redirect":
        to = rule.get("to", elsewhere)
        return Reply(int(argument or 307), "", Location=to)
    if do == "bad-xml":
        return Reply(status, BAD_XML[argument])
    raw = {"huge-headers": _huge_headers, "lying-length": _lying_length,
           "garbage": _garbage, "huge-body": _huge_body}.get(do)
    if raw:
        raw(connection, status, argument)
        raise Cut("close")
    return None


def instead_of_sending(rule):
    """The faults that keep the reply back."""
    do, _, argument = rule.get("do", "").partition(":")
    if do == "mute":
        raise Cut("hang")
    if do == "lost-reply":
        raise Cut(argument or "reset")


def _status(status, code, rule, error):
    reply = error(status, code)
    if "retry_after" in rule:
        reply.headers["Retry-After"] = str(rule["retry_after"])
    return reply


def _huge_headers(connection, status, argument):
    connection.send(b"HTTP/1.1 %d Fault\r\n" % status)
    if argument == "many":
        for number in range(MIB // 64):
            connection.send(b"X-Fill-%06d: %s\r\n" % (number, b"a" * 46))
    else:
        connection.send(b"X-Fill: " + b"a" * MIB + b"\r\n")
    connection.send(b"Content-Length: 0\r\n\r\n")


def _lying_length(connection, status, _argument):
    body = HEAD.encode() + b"<Error><Code>SlowDown</Code></Error>"
    connection.send(b"HTTP/1.1 %d Fault\r\nContent-Length: %d\r\n\r\n%s" % (
        status, len(body) + 1000, body))


def _garbage(connection, _status, _argument):
    connection.send(b"\x00\xff\x16\x03SSH-2.0-nothing\r\n" + os.urandom(512))


def _huge_body(connection, status, _argument):
    connection.send(b"HTTP/1.1 %d Fault\r\nTransfer-Encoding: chunked\r\n"
                    b"Content-Type: application/xml\r\n\r\n" % status)
    connection.send(b"d\r\n<Error><Code>\r\n")
    while True:
        connection.send(b"10000\r\n" + b"A" * 65536 + b"\r\n")

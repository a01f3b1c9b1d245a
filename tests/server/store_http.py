# SPDX-License-Identifier: Apache-2.0
"""HTTP/1.1 as the object store speaks it: requests in, replies out.

Nothing here knows a cloud.  A handler raises Refusal to answer with an error;
Gone ends the connection because there is nobody to answer.
"""

import hashlib
import json
import os
import re
import select
import socket
import struct
import threading
import time
import urllib.parse
from http import HTTPStatus

MAX_HEAD = 64 << 10
MAX_BODY = 256 << 20
CHUNK = 1 << 20

SECRET_QUERY = re.compile(
    r"(?i)((?:^|[?&])(?:x-(?:amz|goog)-(?:signature|security-token)|sig|"
    r"webidentitytoken)=)[^&]*")


class Gone(Exception):
    """The peer went away, or the connection is to be dropped."""


class Refusal(Exception):
    """An answer that is an error: status, code, text, and more headers."""

    def __init__(self, status, code, message="", **headers):
        super().__init__(message or code)
        self.status = status
        self.code = code
        self.message = message or code
        self.headers = {k.replace("_", "-"): str(v) for k, v in headers.items()}
        self.fields = {}

    def tell(self, **fields):
        """More elements of the error's XML."""
        self.fields.update(fields)
        return self


class Reply:
    """What a handler answers."""

    def __init__(self, status, body=b"", kind="application/xml", **headers):
        self.status = status
        self.body = body.encode() if isinstance(body, str) else body
        self.headers = {k.replace("_", "-"): str(v) for k, v in headers.items()}
        if self.body:
            self.headers.setdefault("Content-Type", kind)


class Request:
    """A request: its head, and after read_body() its body and the hashes."""

    def __init__(self, head):
        lines = head.decode("latin-1").split("\r\n")
        try:
            self.method, self.target, version = lines[0].split(" ")
            self.headers = [self._header(line) for line in lines[1:] if line]
        except ValueError:
            raise Refusal(400, "BadRequest", "the head is no HTTP") from None
        if version != "HTTP/1.1" or not self.target.startswith("/"):
            raise Refusal(400, "BadRequest", "not HTTP/1.1 for a path")
        self.path, _, self.raw_query = self.target.partition("?")
        self.query = urllib.parse.parse_qsl(
            self.raw_query.replace("+", "%2B"), keep_blank_values=True)
        self.body = b""
        self.sha256 = ""
        self.received = 0
        self.note = {}

    @staticmethod
    def _header(line):
        name, colon, value = line.partition(":")
        if not colon or not re.fullmatch(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+", name):
            raise ValueError(line)
        return name.lower(), value.strip(" \t")

    def header(self, name):
        """The value of a header, "" if it is not there; two are refused."""
        found = [v for n, v in self.headers if n == name]
        if len(found) > 1:
            raise Refusal(400, "InvalidRequest", "two headers " + name)
        return found[0] if found else ""

    def has(self, name):
        return any(n == name for n, _ in self.headers)

    def param(self, name, default=""):
        found = [v for n, v in self.query if n == name]
        if len(found) > 1:
            raise Refusal(400, "InvalidRequest", "two parameters " + name)
        return found[0] if found else default

    @property
    def length(self):
        text = self.header("content-length")
        if text and not re.fullmatch(r"[0-9]{1,15}", text):
            raise Refusal(400, "BadRequest", "Content-Length " + text)
        return int(text) if text else 0

    @property
    def md5(self):
        return hashlib.md5(self.body).digest()

    @property
    def public_target(self):
        """The target as it may be logged: no signature in it."""
        return SECRET_QUERY.sub(r"\1...", self.target)


class Connection:
    """One accepted connection; its socket may be TLS."""

    def __init__(self, sock, number, cert_name=""):
        self.sock = sock
        self.number = number
        self.cert_name = cert_name
        self.rest = b""
        self.wants_continue = False

    def read_request(self):
        """The next request without its body; None at the end."""
        data = self.rest
        while b"\r\n\r\n" not in data:
            if len(data) > MAX_HEAD:
                raise Refusal(431, "RequestHeaderSectionTooLarge")
            more = self._recv(65536)
            if not more:
                if data:
                    raise Gone("in the middle of a head")
                return None
            data += more
        head, self.rest = data.split(b"\r\n\r\n", 1)
        request = Request(head)
        self.wants_continue = (
            request.header("expect").lower() == "100-continue")
        return request

    def _recv(self, size):
        try:
            return self.sock.recv(size)
        except OSError as e:
            raise Gone(str(e)) from None

    def say_continue(self):
        if self.wants_continue:
            self.wants_continue = False
            self.send(b"HTTP/1.1 100 Continue\r\n\r\n")

    def read_body(self, request, limit=None, rate=0):
        """Read the body, or only ${limit} bytes of it, at ${rate} bytes/s."""
        want = request.length if limit is None else limit
        if request.has("transfer-encoding"):
            raise Refusal(411, "MissingContentLength",
                          "You must provide the Content-Length HTTP header.")
        if want > MAX_BODY:
            raise Refusal(400, "EntityTooLarge", "over 256 MiB")
        self.say_continue()
        body = bytearray(want)
        view = memoryview(body)
        sha256 = hashlib.sha256()
        first = min(want, len(self.rest))
        view[:first] = self.rest[:first]
        self.rest = self.rest[first:]
        sha256.update(view[:first])
        request.received = first
        start = time.monotonic()
        while request.received < want:
            at = request.received
            got = self._recv_into(view[at:at + (min(rate, CHUNK) or CHUNK)])
            sha256.update(view[at:at + got])
            request.received += got
            if rate:
                due = start + request.received / rate
                time.sleep(max(0, due - time.monotonic()))
        request.body = body
        request.sha256 = sha256.hexdigest()

    def _recv_into(self, view):
        try:
            got = self.sock.recv_into(view)
        except OSError as e:
            raise Gone(str(e)) from None
        if not got:
            raise Gone("in the middle of a body")
        return got

    def send(self, data):
        try:
            self.sock.sendall(data)
        except OSError as e:
            raise Gone(str(e)) from None

    def send_reply(self, reply, head_only, date):
        lines = ["HTTP/1.1 %d %s" % (reply.status, reason(reply.status)),
                 "Date: " + date, "Server: icecore-test-store"]
        if reply.status not in (204, 304):
            reply.headers.setdefault("Content-Length", str(len(reply.body)))
        lines += ["%s: %s" % item for item in reply.headers.items()]
        head = ("\r\n".join(lines) + "\r\n\r\n").encode()
        self.send(head if head_only else head + reply.body)

    def end(self, how):
        """"close" it; "reset" it, whatever is on its way; or "hang"."""
        if how == "hang":
            self.wait_hangup()
        if how == "reset":
            self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER,
                                 struct.pack("ii", 1, 0))
        self.close()

    def drain(self):
        """Let the peer read the last reply, though it still sends: a close now
        would be a RST, which may overtake it."""
        try:
            self.sock.shutdown(socket.SHUT_WR)
            self.sock.settimeout(2)
            while self.sock.recv(65536):
                pass
        except OSError:
            pass

    def keep_little(self):
        """Let the kernel take no more than it must of what is not read."""
        self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 32 << 10)

    def wait_hangup(self):
        """Read nothing, answer nothing, until the peer gives up."""
        poll = select.poll()
        poll.register(self.sock.fileno(), select.POLLRDHUP)
        poll.poll()

    def close(self):
        # Not unwrap(): what a TLS peer is told at the end matters to nobody.
        try:
            self.sock.close()
        except OSError:
            pass


class Log:
    """One JSON object a line, each written at once."""

    def __init__(self, path):
        self._file = open(path, "a", buffering=1, encoding="utf-8")
        self._lock = threading.Lock()

    def write(self, **what):
        line = {"mono": round(time.monotonic(), 6),
                "wall": round(time.time(), 6)}
        line.update(what)
        with self._lock:
            self._file.write(json.dumps(line) + "\n")


class Watched:
    """A JSON file that is read again when it changes."""

    def __init__(self, path, empty):
        self._path = path
        self._seen = None
        self._lock = threading.Lock()
        self._value = empty

    def get(self):
        """The value, and if it is not the one of the last call."""
        with self._lock:
            try:
                s = os.stat(self._path)
                seen = (s.st_ino, s.st_mtime_ns, s.st_size)
                if seen == self._seen:
                    return self._value, False
                with open(self._path, encoding="utf-8") as f:
                    self._value = json.load(f)
                self._seen = seen
                return self._value, True
            except FileNotFoundError:
                return self._value, False


def reason(status):
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return "Status"


def http_date(when):
    return time.strftime("%a, %d %b %Y %H:%M:%S GMT", time.gmtime(when))


def iso(when):
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(when))


def escape(text):
    """Text inside an XML element."""
    return (str(text).replace("&", "&amp;").replace("<", "&lt;")
            .replace(">", "&gt;"))


def xml(name, **fields):
    """<name><field>text</field>...</name>."""
    inner = "".join("<%s>%s</%s>" % (k, escape(v), k)
                    for k, v in fields.items())
    return "<%s>%s</%s>" % (name, inner, name)

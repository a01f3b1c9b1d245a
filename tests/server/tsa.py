#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""tsa.py DIR: a time-stamping authority (RFC 3161) over HTTP, for tests.

DIR is as tsa.sh makes it.  The path says what to do: /ok, or one of WRONG.
"""

import os
import secrets
import signal
import subprocess
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

MAX_QUERY = 64 << 10
# AlgorithmIdentifier of SHA-256 and what may follow, then the hash itself.
SHA256 = bytes.fromhex("0609608648016503040201")
WRONG = ("reject", "wrong-nonce", "wrong-imprint", "other-signer", "truncated",
         "garbage", "empty", "error", "stall")


def openssl(*arguments, data=b""):
    return subprocess.run(["openssl", "ts", *arguments], input=data,
                          check=True, stdout=subprocess.PIPE,
                          stderr=subprocess.DEVNULL).stdout


def find_hash(query):
    """Where the 32 bytes of the imprint are; ValueError if there are none."""
    at = query.index(SHA256) + len(SHA256)
    if query[at:at + 2] == b"\x05\x00":
        at += 2
    if query[at:at + 2] != b"\x04\x20" or len(query) < at + 34:
        raise ValueError("no SHA-256")
    return at + 2


class Authority:
    def __init__(self, root):
        self._root = root
        self._lock = threading.Lock()

    def reply(self, query, section):
        """What openssl answers; its serial number is in a file."""
        path = os.path.join(self._root, "query")
        with self._lock:
            with open(path, "wb") as f:
                f.write(query)
            return openssl("-reply", "-queryfile", path, "-config",
                           os.path.join(self._root, "cnf"), "-section",
                           section)

    def answer(self, how, query):
        if how == "wrong-nonce":
            at = find_hash(query)
            query = openssl("-query", "-sha256", "-cert", "-digest",
                            query[at:at + 32].hex())
        if how == "wrong-imprint":
            at = find_hash(query)
            query = query[:at] + secrets.token_bytes(32) + query[at + 32:]
        section = {"reject": "reject", "other-signer": "other"}
        reply = self.reply(query, section.get(how, "good"))
        if how == "truncated":
            return reply[:len(reply) // 2]
        return {"garbage": secrets.token_bytes(2000), "empty": b""}.get(
            how, reply)


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self):
        how = self.path[1:]
        length = int(self.headers.get("Content-Length") or 0)
        if how != "ok" and how not in WRONG:
            return self._send(404, "text/plain", b"no such path\n")
        if not 0 < length <= MAX_QUERY or (
                self.headers["Content-Type"] != "application/timestamp-query"):
            return self._send(400, "text/plain", b"not a query\n")
        query = self.rfile.read(length)
        if how == "stall":
            # Until the client hangs up.
            return self.rfile.read(1)
        if how == "error":
            return self._send(503, "text/plain", b"busy\n")
        reply = self.server.authority.answer(how, query)
        return self._send(200, "application/timestamp-reply", reply)

    def _send(self, status, kind, body):
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


def main():
    root = sys.argv[1]
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    server.authority = Authority(root)
    signal.signal(signal.SIGTERM, lambda *_: os._exit(0))
    with open(os.path.join(root, "port.new"), "w", encoding="ascii") as f:
        print(server.server_address[1], file=f)
    os.rename(os.path.join(root, "port.new"), os.path.join(root, "port"))
    server.serve_forever()


if __name__ == "__main__":
    main()

#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""An object store for tests: it verifies, keeps a log, and fails on demand.

One process, a thread for each connection; every cloud's dialect has listeners
of its own.  store.sh starts it, and says how to use it.
"""

import argparse
import os
import random
import re
import signal
import socket
import ssl
import sys
import threading
import time

sys.dont_write_bytecode = True

import store_faults  # noqa: E402
from store_azure import Azure  # noqa: E402
from store_http import (Connection, Gone, Log, Refusal, Reply,  # noqa: E402
                        http_date)
from store_metadata import Metadata  # noqa: E402
from store_objects import Grants, Objects  # noqa: E402
from store_plain import BUCKET, Plain, Sts  # noqa: E402
from store_s3 import S3, Gs  # noqa: E402
from store_sign import Signer  # noqa: E402

KINDS = ("s3", "gs", "azure", "http", "sts", "metadata", "elsewhere")
WAYS = ("", "tls", "mtls")


class Elsewhere:
    """Where nobody should come: it only takes note."""

    @staticmethod
    def handle(_request):
        return Reply(200)

    @staticmethod
    def error(_request, refusal):
        return Reply(refusal.status)


class Listener:
    """A port, the dialect spoken there, and its TLS context or None."""

    def __init__(self, kind, way, handler, context, address):
        self.kind = kind
        self.way = way
        self.handler = handler
        self.context = context
        self.sock = self._bind(*address)
        self.port = self.sock.getsockname()[1]

    @staticmethod
    def _bind(host, port):
        """A listening socket; a port of our choice is none of those that the
        kernel gives to clients, so it can be had again after a restart."""
        for _ in range(1000):
            try:
                return socket.create_server(
                    (host, port or random.randrange(12000, 32000)),
                    backlog=128)
            except OSError:
                if port:
                    raise
        raise SystemExit("no free port")

    @property
    def name(self):
        return (self.kind + ("_" + self.way if self.way else "")).upper()

    def url(self, host):
        scheme = "https" if self.way else "http"
        return "%s://%s:%d" % (scheme, host, self.port)


class Store:
    def __init__(self, options):
        self._options = options
        self._log = Log(os.path.join(options.dir, "log"))
        self._faults = store_faults.Faults(os.path.join(options.dir, "faults"))
        self._count = 0
        self._lock = threading.Lock()
        self.elsewhere = ""
        self._objects = Objects(options.dir,
                                options.buckets.split(",") + [BUCKET])
        self._grants = Grants(options.keys)
        kinds = {re.split("[+:]", item)[0] for item in options.listen}
        self._signer = Signer(options.dir) if "metadata" in kinds else None
        self._handlers = {}
        self.listeners = [self._listen(item) for item in options.listen]

    def clock(self):
        return time.time() + self._options.clock

    def _listen(self, item):
        name, _, port = item.partition(":")
        kind, _, way = name.partition("+")
        if kind not in KINDS or way not in WAYS:
            raise SystemExit("no such listener: " + item)
        handler = self._handler(kind, bool(way))
        listener = Listener(kind, way, handler, self._context(way),
                            (self._options.bind, int(port or 0)))
        if kind == "elsewhere":
            self.elsewhere = listener.url(self._options.bind) + "/stolen"
        return listener

    def _handler(self, kind, secure):
        """The one of this kind, so that what it knows is the same on all of
        its ports."""
        if (kind, secure) in self._handlers:
            return self._handlers[kind, secure]
        if kind != "azure" and (kind, not secure) in self._handlers:
            return self._handlers[kind, not secure]
        o = self._options
        a = (self._objects, self._grants, self.clock)
        make = {
            "s3": lambda: S3(*a, o.region, o.need_checksum),
            "gs": lambda: Gs(*a, "", o.need_checksum),
            "azure": lambda: Azure(*a, secure),
            "http": lambda: Plain(*a),
            "sts": lambda: Sts(*a[1:], o.sts_seconds),
            "metadata": lambda: Metadata(*a[1:], o.sts_seconds, self._signer,
                                         o.region),
            "elsewhere": Elsewhere,
        }
        self._handlers[kind, secure] = make[kind]()
        return self._handlers[kind, secure]

    def _context(self, way):
        if not way:
            return None
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(*self._options.tls)
        if way == "mtls":
            context.load_verify_locations(self._options.client_ca)
            context.verify_mode = ssl.CERT_REQUIRED
        return context

    def serve(self, listener):
        """Accept for ever."""
        while True:
            sock, _ = listener.sock.accept()
            with self._lock:
                self._count += 1
                number = self._count
            threading.Thread(target=self._connection, daemon=True,
                             args=(listener, sock, number)).start()

    def _connection(self, listener, sock, number):
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        connection = Connection(sock, number)
        try:
            rule = self._faults.find("ACCEPT " + listener.kind)
            if rule.get("do") == "half-open":
                self._log.write(conn=number, kind=listener.kind,
                                event="accepted", fault="half-open")
                connection.wait_hangup()
                return
            if listener.context:
                self._handshake(listener, connection)
            while self._exchange(listener, connection):
                pass
        except Gone as gone:
            self._log.write(conn=number, kind=listener.kind, event="gone",
                            why=str(gone))
        finally:
            connection.close()

    def _handshake(self, listener, connection):
        try:
            connection.sock = listener.context.wrap_socket(
                connection.sock, server_side=True)
            peer = connection.sock.getpeercert() or {}
        except OSError as e:
            raise Gone("handshake: %s" % e) from None
        for ((name, value),) in peer.get("subject", ()):
            if name == "commonName":
                connection.cert_name = value

    def _exchange(self, listener, connection):
        """One request and its reply; False after the last."""
        request = None
        rule = {}
        entry = {"conn": connection.number, "kind": listener.kind,
                 "tls": listener.way, "status": None, "fault": None}
        try:
            request = connection.read_request()
            if request is None:
                return False
            request.cert_name = connection.cert_name
            if listener.kind != "elsewhere":
                rule = self._faults.find(request.method + " " + request.path)
            entry["fault"] = rule.get("do")
            reply = self._answer(listener, connection, request, rule)
            entry["error"] = reply.headers.pop("error", None)
            store_faults.instead_of_sending(rule)
            # Noted first: who reads the answer may read the log.
            entry["status"] = reply.status
            self._note(entry, request)
            entry = None
            connection.send_reply(reply, request.method == "HEAD",
                                  http_date(self.clock()))
            return request.header("connection").lower() != "close"
        except Refusal as refusal:
            entry.update(status=refusal.status, error=refusal.code)
            connection.send_reply(listener.handler.error(None, refusal), False,
                                  http_date(self.clock()))
            connection.drain()
            return False
        except store_faults.Cut as cut:
            # Noted first here too; of one that hangs the end may never come.
            self._note(entry, request)
            entry = None
            connection.end(str(cut))
            return False
        except Gone as gone:
            if entry:
                entry["why"] = str(gone)
            raise
        finally:
            if entry and request is not None:
                self._note(entry, request)

    def _note(self, entry, request):
        entry.update(method=request.method, path=request.public_target,
                     length=request.received, sha256=request.sha256)
        entry.update(request.note)
        self._log.write(**entry)

    def _answer(self, listener, connection, request, rule):
        handler = listener.handler

        def error(status, code):
            return handler.error(request, Refusal(status, code))

        if not store_faults.before_body(connection, request, rule):
            connection.read_body(request)
        reply = store_faults.instead_of_reply(connection, rule, self.elsewhere,
                                              error)
        if reply is not None:
            return reply
        try:
            return handler.handle(request)
        except Refusal as refusal:
            reply = handler.error(request, refusal)
            reply.headers["error"] = refusal.code
            return reply


def parse_options():
    p = argparse.ArgumentParser()
    p.add_argument("--dir", required=True, help="where all of its data lies")
    p.add_argument("--listen", action="append", required=True,
                   metavar="KIND[+tls|+mtls][:PORT]")
    p.add_argument("--bind", default="127.0.0.1")
    p.add_argument("--tls", nargs=2, metavar=("CERT", "KEY"))
    p.add_argument("--client-ca")
    p.add_argument("--keys", required=True)
    p.add_argument("--buckets", default="evidence")
    p.add_argument("--region", default="us-east-1")
    p.add_argument("--clock", type=int, default=0, metavar="SECONDS",
                   help="how far its clock is off")
    p.add_argument("--sts-seconds", type=int, default=3600)
    p.add_argument("--need-checksum", action="store_true")
    return p.parse_args()


def main():
    options = parse_options()
    store = Store(options)
    signal.signal(signal.SIGTERM, lambda *_: os._exit(0))
    for listener in store.listeners:
        threading.Thread(target=store.serve, args=(listener,),
                         daemon=True).start()
    ports = os.path.join(options.dir, "ports")
    with open(ports + ".new", "w", encoding="utf-8") as f:
        for listener in store.listeners:
            f.write("%s_PORT=%d\n%s_URL=%s\n" % (
                listener.name, listener.port, listener.name,
                listener.url(options.bind)))
    os.rename(ports + ".new", ports)
    signal.pause()


if __name__ == "__main__":
    main()

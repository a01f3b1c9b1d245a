# SPDX-License-Identifier: Apache-2.0
"""An HTTP server on loopback whose state is changed while it runs.

PUT /control with a JSON object merges it into the state and wakes whoever
waits for a change; GET /control answers the counters.  The port is printed.
"""

import json
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class State:
    """What the emulator has to say, and how often it was asked."""

    def __init__(self, first):
        self.values = dict(first)
        self.counters = {}
        self.changed = threading.Condition()
        self.version = 1

    def get(self, name):
        with self.changed:
            return self.values[name]

    def merge(self, change):
        unknown = set(change) - set(self.values)
        if unknown:
            raise ValueError("no such state: %s" % sorted(unknown))
        with self.changed:
            self.values.update(change)
            self.version += bool(change)
            self.changed.notify_all()

    def count(self, name):
        with self.changed:
            self.counters[name] = self.counters.get(name, 0) + 1
            return self.counters[name]


class Handler(BaseHTTPRequestHandler):
    """Answers self.answer(status, body, kind, headers) by self.serve()."""

    protocol_version = "HTTP/1.1"
    wbufsize = 64 << 10  # an answer is one packet
    disable_nagle_algorithm = True
    state = None

    def log_message(self, *_):
        pass

    def answer(self, status, body=b"", kind="text/plain", **headers):
        body = body.encode() if isinstance(body, str) else body
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Content-Type", kind)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        self.wfile.write(body)

    def as_json(self, what, status=200, **headers):
        self.answer(status, json.dumps(what), "application/json", **headers)

    def body(self):
        return self.rfile.read(int(self.headers.get("Content-Length", 0)))

    def _control(self):
        try:
            change = json.loads(self.body() or "{}")
            self.state.merge(change)
            self.controlled()
        except ValueError as e:
            return self.answer(400, str(e))
        with self.state.changed:
            return self.as_json(self.state.counters)

    def _any(self):
        try:
            if self.path == "/control":
                return self._control()
            return self.serve()
        except (BrokenPipeError, ConnectionResetError):
            self.close_connection = True
            return None

    def controlled(self):
        """The state was changed, perhaps."""

    def serve(self):
        raise NotImplementedError

    do_GET = do_PUT = do_PATCH = _any


class Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 64

    def handle_error(self, request, client_address):
        kind = sys.exc_info()[0]
        if not issubclass(kind, OSError):
            super().handle_error(request, client_address)


def run(handler, first):
    handler.state = State(first)
    server = Server(("127.0.0.1", 0), handler)
    print(server.server_address[1], flush=True)
    threading.Thread(target=end_with_stdin, daemon=True).start()
    server.serve_forever()


def end_with_stdin():
    """Whoever started it is gone when its end of the pipe is."""
    import os
    while os.read(0, 1):
        pass
    os._exit(0)

#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""lossy_proxy.py PORT-FILE HOST:PORT N: pass HTTP on, but lose answer N.

What was sent arrives and is acted on; of the answer to the request number N,
counted from 1, not a byte comes back: the connection is reset.  The port
that it listens on, on 127.0.0.1, is written to PORT-FILE.
"""

import http.client
import http.server
import os
import socket
import struct
import sys
import threading


class Proxy(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    upstream = ""
    lose = 0
    count = 0
    lock = threading.Lock()

    def pass_on(self):
        with Proxy.lock:
            Proxy.count += 1
            mine = Proxy.count
        body = self.rfile.read(int(self.headers.get("content-length", 0)))
        connection = http.client.HTTPConnection(self.upstream, timeout=60)
        connection.request(self.command, self.path, body,
                           dict(self.headers.items()))
        reply = connection.getresponse()
        data = reply.read()
        connection.close()
        if mine == self.lose:
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER,
                                       struct.pack("ii", 1, 0))
            self.close_connection = True
            return
        self.send_response_only(reply.status)
        for name, value in reply.getheaders():
            if name.lower() not in ("transfer-encoding", "connection",
                                    "content-length", "keep-alive"):
                self.send_header(name, value)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    do_GET = do_PUT = do_POST = do_DELETE = do_HEAD = pass_on

    def log_message(self, *_):
        pass

    def finish(self):
        # Not shutdown() before close(): of a reset that would make an end.
        self.rfile.close()


class Server(http.server.ThreadingHTTPServer):
    def shutdown_request(self, request):
        request.close()


def main():
    port_file, Proxy.upstream, lose = sys.argv[1:]
    Proxy.lose = int(lose)
    server = Server(("127.0.0.1", 0), Proxy)
    with open(port_file + ".new", "w", encoding="utf-8") as f:
        f.write(str(server.server_address[1]))
    os.rename(port_file + ".new", port_file)
    server.serve_forever()


if __name__ == "__main__":
    main()

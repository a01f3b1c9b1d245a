#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""witness.py DIR: who testifies to time and place, on loopback.

A time-stamp authority at /tsa, by openssl ts, and the metadata services of EC2,
Azure and GCE.  The port goes to DIR/port.  Keys and certificates are files of
DIR: tsa.key, tsa.pem, ca.pem, ec2.key, ec2.pem, azure.key, azure.pem, gce.key,
gce.pem.  Before a path may come a word that says what goes wrong: /stall/tsa.
"""

import base64
import datetime
import hashlib
import hmac
import http.server
import json
import pathlib
import subprocess
import sys
import threading
import time
import urllib.parse

DIR = pathlib.Path(sys.argv[1])
WRONG = ("stall", "garbage", "reject", "busy", "large", "replay", "old", "drip",
         "tampered", "nonce", "name", "audience", "none", "hs256", "lost")
REJECTION = bytes.fromhex("300930070201020302" "0780")
STOP = threading.Event()
LOCK = threading.Lock()
TOKENS = set()
kept = None


def openssl(*args, text=None):
    return subprocess.run(["openssl", *args], input=text, check=True,
                          stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE).stdout


def b64url(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=")


def stamp(query, who):
    config = DIR / f"{who}.cnf"
    with LOCK:
        if not config.exists():
            config.write_text(
                f"[tsa]\ndefault_tsa = t\n[t]\nserial = {DIR}/serial\n"
                f"signer_cert = {DIR}/{who}.pem\nsigner_key = {DIR}/{who}.key\n"
                "signer_digest = sha256\ndefault_policy = 1.2.3.4.1\n"
                "digests = sha256\naccuracy = secs:1\ntsa_name = yes\n"
                "ess_cert_id_alg = sha256\n")
        name = DIR / "query"
        name.write_bytes(query)
        return openssl("ts", "-reply", "-config", str(config), "-queryfile",
                       str(name))


def ec2_document():
    return json.dumps({
        "accountId": "123456789012", "architecture": "x86_64",
        "availabilityZone": "eu-west-1a", "imageId": "ami-0123456789",
        "instanceId": "i-0123456789abcdef0", "instanceType": "t3.micro",
        "pendingTime": "2024-05-06T07:08:09Z", "privateIp": "10.0.0.7",
        "region": "eu-west-1", "version": "2017-09-30"}, indent=2).encode()


def pkcs7(who, text, *options):
    der = openssl("smime", "-sign", "-nodetach", "-binary", "-outform", "DER",
                  "-signer", str(DIR / f"{who}.pem"), "-inkey",
                  str(DIR / f"{who}.key"), *options, text=text)
    return base64.b64encode(der).decode()


def azure(nonce, wrong):
    now = datetime.datetime.now(datetime.timezone.utc)
    form = "%m/%d/%y %H:%M:%S -0000"
    text = json.dumps({
        "licenseType": "", "nonce": "1234567890" if wrong == "nonce" else nonce,
        "plan": {"name": "", "product": "", "publisher": ""}, "sku": "",
        "subscriptionId": "8d10da13-8125-4ba9-a717-bf7490507b3d",
        "timeStamp": {
            "createdOn": now.strftime(form),
            "expiresOn": (now + datetime.timedelta(hours=6)).strftime(form)},
        "vmId": "02aab8a4-74ef-476e-8182-f6d2ba4166a6"}).encode()
    signer = "ec2" if wrong == "name" else "azure"
    return json.dumps({"encoding": "pkcs7",
                       "signature": pkcs7(signer, text)}).encode()


def gce(audience, wrong):
    now = int(time.time())
    header = {"alg": {"none": "none", "hs256": "HS256"}.get(wrong, "RS256"),
              "kid": "1", "typ": "JWT"}
    claims = {
        "aud": "somebody" if wrong == "audience" else audience, "azp": "1",
        "exp": now + 3600, "iat": now, "iss": "https://accounts.google.com",
        "sub": "1", "google": {"compute_engine": {
            "instance_creation_timestamp": 1, "instance_id": "2875949485074006138",
            "instance_name": "vm", "project_id": "a-project",
            "project_number": 1, "zone": "europe-west1-b"}}}
    signed = b64url(json.dumps(header).encode()) + b"." + \
        b64url(json.dumps(claims).encode())
    if wrong == "none":
        return signed + b"."
    if wrong == "hs256":
        key = openssl("x509", "-in", str(DIR / "gce.pem"), "-pubkey", "-noout")
        return signed + b"." + b64url(
            hmac.new(key, signed, hashlib.sha256).digest())
    return signed + b"." + b64url(openssl(
        "dgst", "-sha256", "-sign", str(DIR / "gce.key"), text=signed))


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *args):
        pass

    def answer(self, status, body=b"", kind="application/octet-stream"):
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def route(self):
        """The path, and what is to go wrong; None when it went wrong."""
        global kept
        url = urllib.parse.urlsplit(self.path)
        parts = url.path.split("/", 2)
        wrong = parts[1] if parts[1] in WRONG else ""
        path = "/" + parts[2] if wrong else url.path
        query = dict(urllib.parse.parse_qsl(url.query))
        if wrong == "stall":
            STOP.wait()
            self.close_connection = True
            return None, wrong, query
        if wrong == "drip":
            self.send_response(200)
            self.send_header("Content-Length", "1000000")
            self.end_headers()
            while not STOP.wait(0.1):
                try:
                    self.wfile.write(b"x" * 200)
                except OSError:
                    break
            self.close_connection = True
            return None, wrong, query
        simple = {"garbage": (200, b"<html>hello</html>"),
                  "busy": (503, b""), "large": (200, b"x" * 300000),
                  "lost": (404, b"")}.get(wrong)
        if simple:
            self.answer(*simple)
            return None, wrong, query
        return path, wrong, query

    def do_PUT(self):
        path, _, _ = self.route()
        if path is None:
            return
        if path != "/latest/api/token" or not self.headers.get(
                "X-aws-ec2-metadata-token-ttl-seconds"):
            self.answer(400)
            return
        token = base64.b64encode(str(len(TOKENS)).encode() + b"-token").decode()
        TOKENS.add(token)
        self.answer(200, token.encode())

    def do_POST(self):
        global kept
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        path, wrong, _ = self.route()
        if path is None:
            return
        if path != "/tsa" or self.headers.get(
                "Content-Type") != "application/timestamp-query":
            self.answer(400)
            return
        reply = REJECTION
        if wrong == "replay":
            reply = kept
        elif wrong != "reject":
            reply = kept = stamp(body, "old" if wrong == "old" else "tsa")
        self.answer(200, reply, "application/timestamp-reply")

    def do_GET(self):
        path, wrong, query = self.route()
        if path is None:
            return
        if path.startswith("/latest/dynamic/instance-identity/"):
            if self.headers.get("X-aws-ec2-metadata-token") not in TOKENS:
                self.answer(401)
            elif path.endswith("/document"):
                text = ec2_document()
                if wrong == "tampered":
                    text = text.replace(b"i-0123", b"i-4567")
                self.answer(200, text, "text/plain")
            else:
                text = pkcs7("ec2", ec2_document(), "-nocerts")
                self.answer(200, "\n".join(
                    text[i:i + 64] for i in range(0, len(text), 64)).encode())
        elif path == "/metadata/attested/document":
            good = self.headers.get("Metadata") == "true" and \
                query.get("api-version") == "2020-09-01"
            if good:
                self.answer(200, azure(query.get("nonce", ""), wrong))
            else:
                self.answer(400)
        elif path == "/computeMetadata/v1/instance/service-accounts/default/" \
                "identity":
            if self.headers.get("Metadata-Flavor") == "Google" and \
                    query.get("format") == "full":
                self.answer(200, gce(query.get("audience", ""), wrong))
            else:
                self.answer(403)
        else:
            self.answer(404)


def main():
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    (DIR / "serial").write_text("1000\n")
    (DIR / "port.new").write_text(str(server.server_address[1]))
    (DIR / "port.new").rename(DIR / "port")
    server.serve_forever()


main()

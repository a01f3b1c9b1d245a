# SPDX-License-Identifier: Apache-2.0
"""The metadata services that a host finds in EC2, ECS, EKS, Azure and GCE.

One listener answers for all: their paths do not meet.  The credentials that
are given out are good in the store, as the grant "metadata" of the keys file's
"tokens" says (all rights if it is not there), and expire.
"""

import base64
import json
import re
import secrets
import threading

from store_http import Refusal, Reply, iso
from store_objects import Grant
from store_sign import lines64

ROLE = "icecore-test"
ECS_ID = "11111111-2222-3333-4444-555555555555"
POD_TOKEN = "pod-identity-token"
VM_ID = "02aab8a4-74ef-476e-8182-f6d2ba4166a6"
MAX_TTL = 21600


class Metadata:
    def __init__(self, grants, clock, seconds, signer, region):
        self.grants = grants
        self.clock = clock
        self.seconds = seconds
        self.signer = signer
        self.region = region
        self._lock = threading.Lock()
        self._tokens = {}
        self._keys = None
        self._identity = json.dumps({
            "accountId": "123456789012", "architecture": "x86_64",
            "availabilityZone": region + "a", "imageId": "ami-0123456789",
            "instanceId": "i-0123456789abcdef0", "instanceType": "t3.micro",
            "pendingTime": iso(clock() - 3600), "privateIp": "10.0.0.7",
            "region": region, "version": "2017-09-30"}, indent=2).encode()

    def handle(self, request):
        path = request.path
        if path.startswith("/latest/"):
            return self._ec2(request, path[len("/latest/"):])
        if path.startswith("/metadata/"):
            return self._azure(request, path[len("/metadata/"):])
        if path.startswith("/computeMetadata/v1/"):
            return self._gce(request, path[len("/computeMetadata/v1/"):])
        self._only(request, "GET")
        if path == "/v2/credentials/" + ECS_ID:
            return self._container(RoleArn="arn:aws:iam::123456789012:role/" +
                                   ROLE)
        if path == "/v1/credentials":
            if request.header("authorization") != POD_TOKEN:
                raise Refusal(401, "Unauthorized")
            return self._container(AccountId="123456789012")
        raise Refusal(404, "NotFound")

    @staticmethod
    def _only(request, method):
        if request.method != method:
            raise Refusal(405, "MethodNotAllowed")

    def _grant(self):
        return self.grants.find("tokens", "metadata") or Grant({})

    def _temporary(self):
        """An access key; a new one when a fifth of the last's life is left."""
        with self._lock:
            now = self.clock()
            if not self._keys or (self._keys[1]["expires"] - now <
                                  self.seconds / 5):
                self._keys = self.grants.issue_key(self._grant(),
                                                   now + self.seconds)
            return self._keys

    # EC2: Instance Metadata Service, version 2 only.

    def _ec2(self, request, path):
        if path == "api/token":
            return self._ec2_token(request)
        self._only(request, "GET")
        with self._lock:
            ends = self._tokens.get(
                request.header("x-aws-ec2-metadata-token"), 0)
        if self.clock() >= ends:
            raise Refusal(401, "Unauthorized")
        if path.startswith("dynamic/instance-identity/"):
            return self._ec2_identity(path.rpartition("/")[2])
        base = "meta-data/iam/security-credentials/"
        if path == base:
            return text(ROLE)
        if path == base + ROLE:
            return self._ec2_credentials()
        simple = {"meta-data/instance-id": "i-0123456789abcdef0",
                  "meta-data/placement/region": self.region,
                  "meta-data/placement/availability-zone": self.region + "a"}
        if path in simple:
            return text(simple[path])
        raise Refusal(404, "NotFound")

    def _ec2_token(self, request):
        self._only(request, "PUT")
        ttl = request.header("x-aws-ec2-metadata-token-ttl-seconds")
        if request.has("x-forwarded-for"):
            raise Refusal(403, "Forbidden")
        if not re.fullmatch("[0-9]{1,5}", ttl) or not (
                1 <= int(ttl) <= MAX_TTL):
            raise Refusal(400, "BadRequest")
        token = secrets.token_urlsafe(40)
        with self._lock:
            self._tokens[token] = self.clock() + int(ttl)
        return text(token, x_aws_ec2_metadata_token_ttl_seconds=ttl)

    def _ec2_credentials(self):
        name, entry = self._temporary()
        return as_json({"Code": "Success", "LastUpdated": iso(self.clock()),
                        "Type": "AWS-HMAC", "AccessKeyId": name,
                        "SecretAccessKey": entry["secret"],
                        "Token": entry["token"],
                        "Expiration": iso(entry["expires"])}, "text/plain")

    def _ec2_identity(self, what):
        data = self._identity
        if what == "document":
            return text(data)
        if what == "signature":
            signature = self.signer.rsa("ec2-rsa", data)
            return text(lines64(base64.b64encode(signature).decode()))
        if what == "pkcs7":
            return text(lines64(self.signer.cms("ec2-dsa", data, "-md", "sha1",
                                                "-nocerts")))
        if what == "rsa2048":
            return text(lines64(self.signer.cms("ec2-rsa2048", data, "-md",
                                                "sha256", "-nocerts")))
        raise Refusal(404, "NotFound")

    def _container(self, **more):
        """What ECS and EKS answer."""
        name, entry = self._temporary()
        more.update(AccessKeyId=name, SecretAccessKey=entry["secret"],
                    Token=entry["token"], Expiration=iso(entry["expires"]))
        return as_json(more)

    # Azure: Instance Metadata Service.

    def _azure(self, request, path):
        self._only(request, "GET")
        if request.header("metadata").lower() != "true":
            raise azure_error("Required metadata header not specified")
        if not re.fullmatch(r"\d{4}-\d\d-\d\d", request.param("api-version")):
            raise azure_error("Required query variable 'api-version' is "
                              "missing")
        if path == "identity/oauth2/token":
            return self._azure_token(request)
        if path == "attested/document":
            return self._azure_attested(request)
        if path == "instance":
            return as_json({"compute": {
                "azEnvironment": "AzurePublicCloud", "location": "westeurope",
                "name": "suspect", "osType": "Linux", "provider":
                "Microsoft.Compute", "resourceGroupName": "test",
                "subscriptionId": VM_ID, "vmId": VM_ID,
                "vmSize": "Standard_B1s", "tagsList": []},
                "network": {"interface": []}})
        raise Refusal(404, "NotFound")

    def _azure_token(self, request):
        resource = request.param("resource")
        if not resource:
            raise azure_error("resource is missing")
        now = int(self.clock())
        token = self.grants.issue_token(self._grant(), now + self.seconds)
        return as_json({"access_token": token, "client_id": VM_ID,
                        "expires_in": str(self.seconds),
                        "expires_on": str(now + self.seconds),
                        "ext_expires_in": str(self.seconds),
                        "not_before": str(now), "resource": resource,
                        "token_type": "Bearer"})

    def _azure_attested(self, request):
        nonce = request.param("nonce")
        if nonce and not re.fullmatch("[0-9]{1,10}", nonce):
            raise azure_error("nonce")

        def stamp(when):
            return iso(when).replace("T", " ").replace("Z", " -0000")

        document = {"nonce": nonce, "plan": {"name": "", "product": "",
                                             "publisher": ""},
                    "timeStamp": {"createdOn": stamp(self.clock()),
                                  "expiresOn": stamp(self.clock() + 21600)},
                    "vmId": VM_ID, "subscriptionId": VM_ID, "sku": "",
                    "licenseType": ""}
        signature = self.signer.cms("azure", json.dumps(document).encode())
        return as_json({"encoding": "pkcs7", "signature": signature})

    # GCE: metadata server.

    def _gce(self, request, path):
        self._only(request, "GET")
        if request.header("metadata-flavor") != "Google":
            raise Refusal(403, "Forbidden", "Missing Metadata-Flavor:Google "
                          "header.")
        account = "instance/service-accounts/default/"
        if path == account + "identity":
            reply = self._gce_identity(request)
        elif path == account + "token":
            token = self.grants.issue_token(self._grant(),
                                            self.clock() + self.seconds)
            reply = as_json({"access_token": token,
                             "expires_in": self.seconds,
                             "token_type": "Bearer"})
        else:
            raise Refusal(404, "NotFound")
        reply.headers["Metadata-Flavor"] = "Google"
        return reply

    def _gce_identity(self, request):
        audience = request.param("audience")
        if not audience:
            raise Refusal(400, "BadRequest", "non-empty audience parameter "
                          "required")
        now = int(self.clock())
        email = "123456789012-compute@developer.gserviceaccount.com"
        claims = {"aud": audience, "azp": "1" * 21, "email": email,
                  "email_verified": True, "exp": now + 3600, "iat": now,
                  "iss": "https://accounts.google.com", "sub": "1" * 21}
        if request.param("format") == "full":
            claims["google"] = {"compute_engine": {
                "instance_creation_timestamp": now - 3600,
                "instance_id": "1234567890123456789",
                "instance_name": "suspect", "project_id": "icecore-test",
                "project_number": 123456789012, "zone": "europe-west1-b"}}
        return text(self.signer.jwt("gce", claims), kind="text/html")

    @staticmethod
    def error(_request, refusal):
        if refusal.code == "bad_request":
            return as_json({"error": refusal.message}, status=400)
        return Reply(refusal.status, refusal.message + "\n", "text/plain",
                     **refusal.headers)


def text(body, kind="text/plain", **headers):
    return Reply(200, body, kind, **headers)


def as_json(what, kind="application/json", status=200):
    return Reply(status, json.dumps(what, indent=2), kind)


def azure_error(message):
    return Refusal(400, "bad_request", message)

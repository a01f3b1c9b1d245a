# SPDX-License-Identifier: Apache-2.0
"""The clouds' signed documents: real signatures, of keys born at the start.

The certificates are left in the directory, for whoever verifies:
ec2-rsa.pem (signature), ec2-dsa.pem (pkcs7), ec2-rsa2048.pem (rsa2048),
azure-ca.pem (above the one in the attested document), gce.pem (the JWT).
"""

import base64
import json
import os
import subprocess


class Signer:
    def __init__(self, root):
        self._dir = os.path.join(root, "identity")
        os.makedirs(self._dir, exist_ok=True)
        for name in ("ec2-rsa", "ec2-rsa2048", "gce", "azure-ca"):
            self._self_signed(name, ["-newkey", "rsa:2048"])
        params = self._file("dsa.params")
        openssl("dsaparam", "-out", params, "1024")
        self._self_signed("ec2-dsa", ["-newkey", "dsa:" + params])
        self._azure_leaf()

    def _file(self, name):
        return os.path.join(self._dir, name)

    def _self_signed(self, name, key):
        openssl("req", "-x509", "-nodes", "-days", "2", *key,
                "-subj", "/CN=icecore test " + name,
                "-keyout", self._file(name + ".key"),
                "-out", self._file(name + ".pem"))

    def _azure_leaf(self):
        request = openssl("req", "-new", "-nodes", "-newkey", "rsa:2048",
                          "-subj", "/CN=metadata.azure.test",
                          "-keyout", self._file("azure.key"))
        openssl("x509", "-req", "-days", "2", "-set_serial", "2",
                "-CA", self._file("azure-ca.pem"),
                "-CAkey", self._file("azure-ca.key"),
                "-out", self._file("azure.pem"), data=request)

    def cms(self, name, data, *options):
        """Attached PKCS#7 as one line of base64."""
        der = openssl("smime", "-sign", "-binary", "-nodetach",
                      "-outform", "DER", "-signer", self._file(name + ".pem"),
                      "-inkey", self._file(name + ".key"), *options, data=data)
        return base64.b64encode(der).decode()

    def rsa(self, name, data):
        return openssl("dgst", "-sha256", "-sign",
                       self._file(name + ".key"), data=data)

    def jwt(self, name, claims):
        """A JSON Web Token, RS256."""
        head = {"alg": "RS256", "kid": "test-" + name, "typ": "JWT"}
        text = ".".join(b64url(json.dumps(part).encode())
                        for part in (head, claims))
        return text + "." + b64url(self.rsa(name, text.encode()))


def b64url(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def openssl(*arguments, data=b""):
    done = subprocess.run(["openssl", *arguments], input=data, check=False,
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    if done.returncode:
        raise RuntimeError("openssl %s: %s" % (
            arguments[0], done.stderr.decode("utf-8", "replace")))
    return done.stdout


def lines64(text):
    """Base64 in the lines that EC2 breaks it into."""
    return "\n".join(text[i:i + 76] for i in range(0, len(text), 76))

# SPDX-License-Identifier: Apache-2.0
"""What is stored, and who may do what.

Objects are files below objects/BUCKET/KEY.  Rights hang on access keys, SAS
tokens aside: a grant has actions, a prefix and an end.
"""

import base64
import hashlib
import os
import secrets
import threading

from store_http import Refusal, Watched

ALL_ACTIONS = ("PutObject", "GetObject", "ListBucket", "DeleteObject")


class Objects:
    def __init__(self, root, buckets):
        self._root = os.path.join(root, "objects")
        self._partial = os.path.join(root, "partial")
        self._lock = threading.Lock()
        self._count = 0
        os.makedirs(self._partial, exist_ok=True)
        for bucket in buckets:
            os.makedirs(os.path.join(self._root, bucket), exist_ok=True)

    def has_bucket(self, bucket):
        return (bucket not in ("", ".", "..") and "/" not in bucket and
                os.path.isdir(os.path.join(self._root, bucket)))

    def path(self, bucket, key):
        """The file of an object; a name that has none is refused."""
        parts = key.split("/")
        if ("\0" in key or len(key.encode()) > 1024 or
                any(p in ("", ".", "..") for p in parts)):
            raise Refusal(400, "InvalidArgument", "this key is no file name")
        return os.path.join(self._root, bucket, *parts)

    def has(self, bucket, key):
        return os.path.isfile(self.path(bucket, key))

    def put(self, bucket, key, data, if_absent=False):
        """Store it: "new", "overwrite", or "exists" if nothing was done."""
        path = self.path(bucket, key)
        with self._lock:
            self._count += 1
            partial = os.path.join(self._partial, str(self._count))
        with open(partial, "xb") as f:
            f.write(data)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with self._lock:
            there = os.path.exists(path)
            if there and if_absent:
                os.unlink(partial)
                return "exists"
            os.rename(partial, path)
        return "overwrite" if there else "new"

    def get(self, bucket, key):
        """Its bytes, or None."""
        try:
            with open(self.path(bucket, key), "rb") as f:
                return f.read()
        except (FileNotFoundError, IsADirectoryError, NotADirectoryError):
            return None

    def delete(self, bucket, key):
        try:
            os.unlink(self.path(bucket, key))
        except (FileNotFoundError, IsADirectoryError, NotADirectoryError):
            return False
        return True

    def list(self, bucket, prefix):
        """[(key, size, modified)] in the order of their bytes."""
        top = os.path.join(self._root, bucket)
        found = []
        for where, _, files in os.walk(top):
            for name in files:
                path = os.path.join(where, name)
                key = os.path.relpath(path, top)
                if key.startswith(prefix):
                    s = os.stat(path)
                    found.append((key, s.st_size, s.st_mtime))
        return sorted(found, key=lambda entry: entry[0].encode())


class Grant:
    """What one credential may do."""

    def __init__(self, entry):
        self.secret = entry.get("secret", "")
        self.token = entry.get("token", "")
        self.expires = entry.get("expires")
        self.prefix = entry.get("prefix", "")
        self.actions = entry.get("actions", ALL_ACTIONS)

    def expired(self, now):
        return self.expires is not None and now >= self.expires

    def allows(self, action, key):
        return action in self.actions and key.startswith(self.prefix)


class Grants:
    """The keys file, {"keys": {ACCESS-KEY: {secret, token, expires, prefix,
    actions}}, "tokens": {BEARER: the same}, "accounts": {AZURE: base64}},
    and what was issued since the start."""

    def __init__(self, path):
        self._file = Watched(path, {})
        self._issued = {"keys": {}, "tokens": {}}
        self._lock = threading.Lock()

    def find(self, kind, name):
        """The grant of a key or a token, or None."""
        with self._lock:
            entry = self._issued[kind].get(name)
        if entry is None:
            entry = self._file.get()[0].get(kind, {}).get(name)
        return Grant(entry) if entry is not None else None

    def account_key(self, account):
        """The key of an Azure account, or None."""
        text = self._file.get()[0].get("accounts", {}).get(account)
        return base64.b64decode(text) if text is not None else None

    def issue_key(self, like, expires, name="ASIA"):
        """A temporary access key with another's rights: (name, entry)."""
        name += secrets.token_hex(8).upper()
        entry = {"secret": secrets.token_urlsafe(30),
                 "token": base64.b64encode(secrets.token_bytes(300)).decode(),
                 "expires": expires, "prefix": like.prefix,
                 "actions": like.actions}
        with self._lock:
            self._issued["keys"][name] = entry
        return name, entry

    def issue_token(self, like, expires):
        token = secrets.token_urlsafe(200)
        with self._lock:
            self._issued["tokens"][token] = {
                "expires": expires, "prefix": like.prefix,
                "actions": like.actions}
        return token


def check_md5(request, code="BadDigest", invalid="InvalidDigest"):
    """Compare the body with Content-MD5, if there is one."""
    check_digest(request.header("content-md5"), request.md5, 16, code, invalid)


def check_digest(text, digest, size, code, invalid):
    if not text:
        return
    try:
        given = base64.b64decode(text, validate=True)
    except ValueError:
        given = b""
    if len(given) != size:
        raise Refusal(400, invalid, "The digest you specified was invalid.")
    if given != digest:
        raise Refusal(400, code,
                      "The digest you specified did not match the calculated "
                      "checksum.")


def b64_md5(data):
    return base64.b64encode(hashlib.md5(data).digest()).decode()

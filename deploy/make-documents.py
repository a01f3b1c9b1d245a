#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""make-documents.py [--public-key FILE] [-o DIR]

Write the documents that carry launch/launch.sh to a host: the one script is
their text, so that there is no second copy of it to keep.

  aws/icecore-capture.json      SSM Command document, schema 2.2
  azure/icecore-capture.json    managed Run Command, ARM template

--public-key FILE is of who signs the icecore that is launched (PEM, EC P-256);
without it the documents hold a placeholder, with which they refuse to run.
"""
import argparse
import base64
import json
import os

HERE = os.path.dirname(os.path.abspath(__file__))
MARK = "ICECORE_VALUE_END"
URL = "[A-Za-z0-9._~:/?#@!&*+,;=%-]{1,1800}"

# Name, environment, pattern, default (None: must be given), what it is.
PARAMETERS = [
    ("Case", "CASE", "^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$", None,
     "Name of the case."),
    ("Destination", "TO", "^(https|s3|gs|azure)://" + URL + "$", None,
     "Where evidence goes, such as s3://bucket/prefix."),
    ("Recipient", "RECIPIENT", "^age1[a-z0-9]{58}$", None,
     "For whom it is sealed: the public key that icelab keygen printed."),
    ("BinaryUrl", "URL", "^https://" + URL + "$", None,
     "Where the static icecore is."),
    ("BinarySha256", "SHA256", "^[0-9a-f]{64}$", None, "Its SHA-256."),
    ("BinarySignature", "SIGNATURE", "^[A-Za-z0-9+/=]{90,120}$", None,
     "Its signature by the key that this document holds: ECDSA, SHA-256, DER, "
     "base64."),
    ("TicketUrl", "TICKET_URL", "^(https://" + URL + ")?$", "",
     "A presigned URL, good for minutes, of a ticket that may only add; empty: "
     "the role of the instance."),
    ("Reason", "REASON", "^([A-Za-z0-9][A-Za-z0-9 .,:/_-]{0,199})?$", "",
     "Why; it is in the evidence."),
    ("Collect", "COLLECT", "^[a-z,]{0,200}$", "", "Collectors; empty: all."),
    ("Mode", "MODE", "^(auto|capture|trigger)$", "auto",
     "trigger: tell the icecore watch that runs there; capture: do not; auto: "
     "where one runs."),
    ("Foreground", "FOREGROUND", "^(yes|no)$", "no",
     "yes: wait for the end, at most for the time-out of this command."),
]


def read(name):
    with open(os.path.join(HERE, name), encoding="utf-8") as f:
        return f.read()


def public_key(path):
    if not path:
        return ""
    with open(path, encoding="ascii") as f:
        lines = [line.strip() for line in f if not line.startswith("-----")]
    base64.b64decode("".join(lines), validate=True)
    return "".join(lines)


def script(values, key):
    """The launcher; each value comes by a here-document that is not expanded,
    of which the first line counts."""
    lines = ["#!/bin/sh", "set -eu"]
    for name, value in values:
        lines += ["IFS= read -r ICECORE_%s <<'%s' || :" % (name, MARK), value,
                  MARK, "export ICECORE_" + name]
    lines += ["export ICECORE_PUBLIC_KEY='%s'" % key,
              "exec /bin/bash -c \"$(cat <<'ICECORE_LAUNCH_END'"]
    lines += read("launch/launch.sh").rstrip("\n").split("\n")
    return lines + ["ICECORE_LAUNCH_END", ")\""]


def ssm(key):
    parameters = {}
    for name, _, pattern, default, what in PARAMETERS:
        parameters[name] = {"type": "String", "description": what,
                            "allowedPattern": pattern}
        if default is not None:
            parameters[name]["default"] = default
    values = [(env, "{{ %s }}" % name) for name, env, *_ in PARAMETERS]
    return {
        "schemaVersion": "2.2",
        "description": "Capture memory, processes, sockets and suspicious "
                       "programs of this instance with icecore, sealed, to "
                       "the evidence store.",
        "parameters": parameters,
        "mainSteps": [{
            "action": "aws:runShellScript",
            "name": "capture",
            "precondition": {"StringEquals": ["platformType", "Linux"]},
            "inputs": {"timeoutSeconds": "172800",
                       "runCommand": script(values, key)},
        }],
    }


def arm(key):
    """Values are in protectedParameters, which Azure gives to the script as
    its environment and does not show again."""
    names = {name: env for name, env, *_ in PARAMETERS}
    parameters = {"vmName": {"type": "string"}}
    for name, _, _, default, what in PARAMETERS:
        parameters[name] = {"type": "securestring" if name == "TicketUrl"
                            else "string", "metadata": {"description": what}}
        if default is not None:
            parameters[name]["defaultValue"] = default
    body = "\n".join(["#!/bin/bash",
                      "export ICECORE_PUBLIC_KEY='%s'" % key,
                      read("launch/launch.sh")])
    return {
        "$schema": "https://schema.management.azure.com/schemas/2019-04-01/"
                   "deploymentTemplate.json#",
        "contentVersion": "1.0.0.0",
        "parameters": parameters,
        "resources": [{
            "type": "Microsoft.Compute/virtualMachines/runCommands",
            "apiVersion": "2023-03-01",
            "name": "[concat(parameters('vmName'), '/icecore-capture')]",
            "location": "[resourceGroup().location]",
            "properties": {
                # Deleting the resource ends the script; the capture goes on.
                "asyncExecution": False,
                "timeoutInSeconds": 3600,
                "source": {"script": body},
                "protectedParameters": [
                    {"name": "ICECORE_" + env,
                     "value": "[parameters('%s')]" % name}
                    for name, env in names.items()],
            },
        }],
    }


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--public-key")
    parser.add_argument("-o", default=HERE)
    args = parser.parse_args()
    key = public_key(args.public_key)
    for name, made in (("aws", ssm(key)), ("azure", arm(key))):
        os.makedirs(os.path.join(args.o, name), exist_ok=True)
        path = os.path.join(args.o, name, "icecore-capture.json")
        with open(path, "w", encoding="utf-8") as f:
            json.dump(made, f, indent=2)
            f.write("\n")


if __name__ == "__main__":
    main()

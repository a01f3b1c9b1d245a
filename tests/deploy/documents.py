#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""documents.py DEPLOY MADE SSM ARM: check the documents of DEPLOY, and write the
scripts that those of MADE hold, for shellcheck.

documents.py --hostile DIR FILE: values, a file each, that would make FILE if
they were executed.

documents.py --paste MADE VALUE DIR: the SSM document's script, once for each
parameter with VALUE pasted in its place as the service does.  A value that the
parameter's pattern lets through is an error."""
import json
import os
import re
import sys

GOOD = {"Case": "INC-7", "Destination": "s3://evidence/in",
        "Recipient": "age1" + "q" * 58, "BinaryUrl": "https://a.test/icecore",
        "BinarySha256": "0" * 64, "BinarySignature": "A" * 96, "TicketUrl": "",
        "Reason": "a finding", "Collect": "", "Mode": "capture",
        "Foreground": "yes"}


def load(*path):
    with open(os.path.join(*path), encoding="utf-8") as f:
        return json.load(f)


def write(text, *path):
    os.makedirs(os.path.dirname(os.path.join(*path)), exist_ok=True)
    with open(os.path.join(*path), "w", encoding="utf-8") as f:
        f.write(text)
    os.chmod(os.path.join(*path), 0o755)


def ssm_script(document):
    return "\n".join(document["mainSteps"][0]["inputs"]["runCommand"]) + "\n"


def check_parameters(document):
    for name, p in document["parameters"].items():
        if p["type"] == "AWS::IAM::Role::Arn":
            continue
        assert p["type"] == "String", name
        pattern = p["allowedPattern"]
        assert pattern[0] == "^" and pattern[-1] == "$", name
        if "default" in p:
            assert re.fullmatch(pattern, p["default"]), name
        for bad in ("'", '"', "`", "\\", "\n", "$(x)", "<", ">", "|"):
            assert not re.fullmatch(pattern, bad), (name, bad)
            assert not re.fullmatch(pattern, "a" + bad), (name, bad)


def check(deploy, made, ssm, arm):
    command = load(deploy, "aws", "icecore-capture.json")
    assert command["schemaVersion"] == "2.2"
    check_parameters(command)
    assert set(command["parameters"]) == set(GOOD)
    for name, value in GOOD.items():
        assert re.fullmatch(command["parameters"][name]["allowedPattern"], value)
    for step in command["mainSteps"]:
        assert step["action"] == "aws:runShellScript"
        assert step["precondition"] == {"StringEquals":
                                        ["platformType", "Linux"]}
    text = ssm_script(command)
    used = re.findall(r"\{\{ *(\w+) *\}\}", text)
    assert sorted(used) == sorted(command["parameters"])
    # A parameter is all of its line: nothing of the shell is around it.
    for name in used:
        assert "\n{{ %s }}\n" % name in text, name
    assert text.count("{{") == len(used)

    automation = load(deploy, "aws", "icecore-isolate.json")
    assert automation["schemaVersion"] == "0.3"
    check_parameters(automation)
    whole = json.dumps(automation["mainSteps"])
    known = set(automation["parameters"]) | {"automation:EXECUTION_ID"}
    assert set(re.findall(r"\{\{ *([\w:]+) *\}\}", whole)) <= known
    given = [s for s in automation["mainSteps"]
             if s["action"] == "aws:runCommand"][0]["inputs"]["Parameters"]
    needed = {n for n, p in command["parameters"].items() if "default" not in p}
    assert needed <= set(given) <= set(command["parameters"])
    names = [s["name"] for s in automation["mainSteps"]]
    assert names.index("tellTheWatch") < names.index("isolate")
    assert names.index("capture") < names.index("isolate")

    template = load(deploy, "azure", "icecore-capture.json")
    properties = template["resources"][0]["properties"]
    assert "parameters" not in properties
    for p in properties["protectedParameters"]:
        name = re.fullmatch(r"\[parameters\('(\w+)'\)\]", p["value"])[1]
        assert name in template["parameters"]
    check_arm(load(deploy, "azure", "main.json"))
    write(ssm_script(load(made, "aws", "icecore-capture.json")), ssm)
    write(load(made, "azure", "icecore-capture.json")["resources"][0]
          ["properties"]["source"]["script"], arm)


def check_arm(template):
    kinds = {r["type"].rpartition("/")[2]: r for r in template["resources"]}
    whole = json.dumps(template)
    used = set(re.findall(r"parameters\('(\w+)'\)", whole))
    assert used == set(template["parameters"]), used
    role = kinds["roleDefinitions"]["properties"]["permissions"][0]
    assert role["actions"] == [] and role["dataActions"] == [
        "Microsoft.Storage/storageAccounts/blobServices/containers/blobs/"
        "add/action"]
    policy = kinds["immutabilityPolicies"]["properties"]
    assert policy["allowProtectedAppendWrites"] is False
    account = kinds["storageAccounts"]["properties"]
    assert account["supportsHttpsTrafficOnly"] is True
    assert account["allowBlobPublicAccess"] is False
    rules = [dict(r["properties"], name=r["name"]) for r in
             kinds["networkSecurityGroups"]["properties"]["securityRules"]]
    allowed = [r["name"] for r in rules if r["access"] == "Allow"]
    assert allowed == ["evidence", "platform"], allowed
    for way in ("Inbound", "Outbound"):
        last = max((r for r in rules if r["direction"] == way),
                   key=lambda r: r["priority"])
        assert last["access"] == "Deny" and last["protocol"] == "*"
        assert last["destinationAddressPrefix"] == "*"


def hostile(directory, touched):
    values = ["$(touch %s)", "`touch %s`", "'; touch %s; '", '"; touch %s; "',
              "; touch %s", "| touch %s", "&& touch %s", "x\ntouch %s",
              "x\n'; touch %s\n'", "--output=%s", "-o%s", "${x:=$(touch %s)}",
              "a[$(touch %s)]", "\u202etouch %s", "<(touch %s)", "\\$(touch %s)",
              "> %s", "{{ Case }}$(touch %s)", "%s" + "A" * 100000]
    for i, value in enumerate(values):
        write(value.replace("%s", touched), directory, "%02d" % i)


def paste(made, value, directory):
    document = load(made, "aws", "icecore-capture.json")
    text = ssm_script(document)
    with open(value, encoding="utf-8") as f:
        bad = f.read()
    for name, p in document["parameters"].items():
        assert not re.fullmatch(p["allowedPattern"], bad), (name, bad)
        script = text
        for other, good in GOOD.items():
            script = script.replace("{{ %s }}" % other,
                                    bad if other == name else good)
        write(script, directory, name)
    # The end of a here-document would end it: the pattern is what keeps it out.
    for name, p in document["parameters"].items():
        assert not re.fullmatch(p["allowedPattern"], "x\nICECORE_VALUE_END\nid")


if __name__ == "__main__":
    if sys.argv[1] == "--hostile":
        hostile(*sys.argv[2:])
    elif sys.argv[1] == "--paste":
        paste(*sys.argv[2:])
    else:
        check(*sys.argv[1:])

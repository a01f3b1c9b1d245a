#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""terraform.py AWS GCP: what of the stores and the isolation must hold, in
Terraform's files as JSON (hcl.js): evidence cannot be deleted, hosts add and do
no more, an isolated host gets to the evidence store and nowhere else; and every
reference leads to something."""
import json
import re
import sys


def load(path):
    with open(path, encoding="utf-8") as f:
        return json.load(f)


def references(d, text):
    """Each TYPE.NAME, data.TYPE.NAME and var.NAME of it is there."""
    kinds = "|".join(sorted({k.split("_")[0] for k in d["resource"]}))
    for kind, name in re.findall(r"(?<![\w.])((?:%s)_\w+)\.(\w+)" % kinds, text):
        assert name in d["resource"].get(kind, {}), (kind, name)
    for kind, name in re.findall(r"\bdata\.(\w+)\.(\w+)", text):
        assert name in d["data"].get(kind, {}), (kind, name)
    used = set(re.findall(r"\bvar\.(\w+)", text))
    assert used == set(d["variable"]), used ^ set(d["variable"])


def one(d, kind, name):
    body, = d["resource"][kind][name]
    return body


def denies(statements, sid):
    found, = [s for s in statements if s.get("sid") == sid]
    assert found["effect"] == "Deny", sid
    return found


def conditions(statement):
    return {(c["test"], c["variable"]): c["values"] for c in statement["condition"]}


def aws_bucket(d):
    assert one(d, "aws_s3_bucket", "evidence")["object_lock_enabled"] is True
    lock = one(d, "aws_s3_bucket_object_lock_configuration", "evidence")
    assert lock["rule"][0]["default_retention"][0]["mode"] == "COMPLIANCE"
    versioning = one(d, "aws_s3_bucket_versioning", "evidence")
    assert versioning["versioning_configuration"][0]["status"] == "Enabled"
    owner = one(d, "aws_s3_bucket_ownership_controls", "evidence")
    assert owner["rule"][0]["object_ownership"] == "BucketOwnerEnforced"
    life = one(d, "aws_s3_bucket_lifecycle_configuration", "evidence")["rule"][0]
    assert "expiration" not in life
    assert life["abort_incomplete_multipart_upload"][0]["days_after_initiation"] == 7
    statements = d["data"]["aws_iam_policy_document"]["evidence"][0]["statement"]
    plain = denies(statements, "TlsOnly")
    assert plain["actions"] == ["s3:*"]
    assert conditions(plain) == {("Bool", "aws:SecureTransport"): ["false"]}
    again = denies(statements, "NeverOverwrite")
    assert conditions(again)[("Null", "s3:if-none-match")] == ["true"]
    assert denies(statements, "HostsAddAndNoMore")["not_actions"] == ["s3:PutObject"]
    lock = set(denies(statements, "NoWayRoundTheLock")["actions"])
    assert {"s3:BypassGovernanceRetention", "s3:PutObjectRetention"} <= lock
    allowed = [s for s in statements if s.get("effect", "Allow") == "Allow"]
    assert [s["actions"] for s in allowed] == [["s3:PutObject"]]
    assert ("StringEquals", "aws:SourceVpce") in conditions(allowed[0])


def aws_isolation(d):
    group = one(d, "aws_security_group", "isolation")
    assert "ingress" not in group and "egress" not in group
    out = d["resource"]["aws_vpc_security_group_egress_rule"]
    isolation = "${aws_security_group.isolation.id}"
    for name, (rule,) in out.items():
        assert rule["from_port"] == rule["to_port"] == 443, name
        assert "cidr_ipv4" not in rule and "cidr_ipv6" not in rule, name
        assert rule["security_group_id"] == isolation, name
    assert "prefix_list_id" in out["evidence"][0]
    for name, (rule,) in d["resource"]["aws_vpc_security_group_ingress_rule"].items():
        assert rule["security_group_id"] != isolation, name
    template = one(d, "aws_cloudwatch_event_target", "isolate")
    template = template["input_transformer"][0]
    # jsonencode() alone would hide EventBridge's variables.
    for name in template["input_paths"]:
        assert "<%s>" % name in template["input_template"], name
    assert template["input_template"].startswith("${replace(replace(jsonencode("), \
        template["input_template"]


def gcp(d):
    bucket = one(d, "google_storage_bucket", "evidence")
    assert bucket["retention_policy"][0]["is_locked"] is True
    assert bucket["uniform_bucket_level_access"] is True
    assert bucket["public_access_prevention"] == "enforced"
    roles = [b["role"] for members in d["resource"].items()
             if members[0].endswith("_iam_member") for (b,) in members[1].values()]
    assert roles == ["roles/storage.objectCreator"]
    walls = {n: b for n, (b,) in d["resource"]["google_compute_firewall"].items()}
    allow = [w for w in walls.values() if "allow" in w]
    assert [w["destination_ranges"] for w in allow] == [["199.36.153.4/30"]]
    assert allow[0]["allow"] == [{"ports": ["443"], "protocol": "tcp"}]
    deny = {w["direction"]: w for w in walls.values() if "deny" in w}
    assert set(deny) == {"INGRESS", "EGRESS"}
    # The lower number is the one that counts.
    assert deny["EGRESS"]["priority"] > allow[0]["priority"]
    assert deny["EGRESS"]["destination_ranges"] == ["0.0.0.0/0"]
    assert len({tuple(w["target_tags"]) for w in walls.values()}) == 1


def main():
    aws, google = load(sys.argv[1]), load(sys.argv[2])
    for d in (aws, google):
        references(d, json.dumps(d))
    aws_bucket(aws)
    aws_isolation(aws)
    gcp(google)
    print("# %d kinds of resources" % (len(aws["resource"]) + len(google["resource"])))


if __name__ == "__main__":
    main()

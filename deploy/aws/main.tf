# SPDX-License-Identifier: Apache-2.0
#
# The AWS side of icecore: a bucket that keeps what was put into it, the right
# to add and no more, the isolation security group that leaves the way of the
# evidence open, and the rule that starts it all from a GuardDuty finding.
# deploy/README.md says in which order.

terraform {
  required_version = ">= 1.5"
  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = ">= 5.30"
    }
  }
}

variable "bucket" {
  description = "Name of the evidence bucket; in the forensic account."
  type        = string
}

variable "vpc_id" {
  description = "The VPC of the hosts."
  type        = string
}

variable "route_table_ids" {
  description = "Of the subnets of the hosts: they get the way to S3."
  type        = list(string)
}

variable "subnet_ids" {
  description = "Where the interface endpoints of SSM are."
  type        = list(string)
}

variable "host_role_arns" {
  description = "Roles of the hosts that may add evidence."
  type        = list(string)
}

variable "retention_days" {
  description = "How long nobody, not even root, can delete evidence."
  type        = number
  default     = 365
}

variable "automation" {
  description = "Parameters of icecore-isolate.json, as the automation gets them: Recipient, Destination, BinaryUrl, BinarySha256, BinarySignature, DocumentVersion, DocumentHash."
  type        = map(string)
  default     = {}
}

data "aws_region" "here" {}
data "aws_caller_identity" "here" {}

# The bucket: versions, object lock, its owner owns what is in it.

resource "aws_s3_bucket" "evidence" {
  bucket              = var.bucket
  object_lock_enabled = true
}

resource "aws_s3_bucket_versioning" "evidence" {
  bucket = aws_s3_bucket.evidence.id
  versioning_configuration {
    status = "Enabled"
  }
}

resource "aws_s3_bucket_object_lock_configuration" "evidence" {
  bucket = aws_s3_bucket.evidence.id
  rule {
    default_retention {
      mode = "COMPLIANCE"
      days = var.retention_days
    }
  }
}

resource "aws_s3_bucket_ownership_controls" "evidence" {
  bucket = aws_s3_bucket.evidence.id
  rule {
    object_ownership = "BucketOwnerEnforced"
  }
}

resource "aws_s3_bucket_public_access_block" "evidence" {
  bucket                  = aws_s3_bucket.evidence.id
  block_public_acls       = true
  block_public_policy     = true
  ignore_public_acls      = true
  restrict_public_buckets = true
}

resource "aws_s3_bucket_lifecycle_configuration" "evidence" {
  bucket = aws_s3_bucket.evidence.id
  rule {
    id     = "abort-multipart"
    status = "Enabled"
    filter {}
    abort_incomplete_multipart_upload {
      days_after_initiation = 7
    }
  }
}

data "aws_iam_policy_document" "evidence" {
  statement {
    sid       = "TlsOnly"
    effect    = "Deny"
    actions   = ["s3:*"]
    resources = [aws_s3_bucket.evidence.arn, "${aws_s3_bucket.evidence.arn}/*"]
    principals {
      type        = "*"
      identifiers = ["*"]
    }
    condition {
      test     = "Bool"
      variable = "aws:SecureTransport"
      values   = ["false"]
    }
  }
  # icecore never writes over anything, and says so with each request.
  statement {
    sid       = "NeverOverwrite"
    effect    = "Deny"
    actions   = ["s3:PutObject"]
    resources = ["${aws_s3_bucket.evidence.arn}/*"]
    principals {
      type        = "*"
      identifiers = ["*"]
    }
    condition {
      test     = "Null"
      variable = "s3:if-none-match"
      values   = ["true"]
    }
    condition {
      test     = "Bool"
      variable = "s3:ObjectCreationOperation"
      values   = ["true"]
    }
  }
  statement {
    sid    = "HostsAddAndNoMore"
    effect = "Deny"
    not_actions = [
      "s3:PutObject",
    ]
    resources = [aws_s3_bucket.evidence.arn, "${aws_s3_bucket.evidence.arn}/*"]
    principals {
      type        = "AWS"
      identifiers = var.host_role_arns
    }
  }
  statement {
    sid    = "NoWayRoundTheLock"
    effect = "Deny"
    actions = [
      "s3:BypassGovernanceRetention",
      "s3:PutObjectRetention",
      "s3:PutObjectLegalHold",
      "s3:PutBucketObjectLockConfiguration",
    ]
    resources = [aws_s3_bucket.evidence.arn, "${aws_s3_bucket.evidence.arn}/*"]
    principals {
      type        = "AWS"
      identifiers = var.host_role_arns
    }
  }
  statement {
    sid       = "HostsAdd"
    effect    = "Allow"
    actions   = ["s3:PutObject"]
    resources = ["${aws_s3_bucket.evidence.arn}/*"]
    principals {
      type        = "AWS"
      identifiers = var.host_role_arns
    }
    condition {
      test     = "StringEquals"
      variable = "aws:SourceVpce"
      values   = [aws_vpc_endpoint.s3.id]
    }
  }
}

resource "aws_s3_bucket_policy" "evidence" {
  bucket = aws_s3_bucket.evidence.id
  policy = data.aws_iam_policy_document.evidence.json
}

# The way there: what is stolen on the host can go into this bucket only.

data "aws_iam_policy_document" "endpoint" {
  statement {
    effect    = "Allow"
    actions   = ["s3:PutObject"]
    resources = ["${aws_s3_bucket.evidence.arn}/*"]
    principals {
      type        = "*"
      identifiers = ["*"]
    }
  }
}

resource "aws_vpc_endpoint" "s3" {
  vpc_id            = var.vpc_id
  service_name      = "com.amazonaws.${data.aws_region.here.name}.s3"
  vpc_endpoint_type = "Gateway"
  route_table_ids   = var.route_table_ids
  policy            = data.aws_iam_policy_document.endpoint.json
}

resource "aws_security_group" "endpoints" {
  name        = "icecore-endpoints"
  description = "Interface endpoints of SSM, for isolated hosts"
  vpc_id      = var.vpc_id
}

resource "aws_vpc_security_group_ingress_rule" "endpoints" {
  security_group_id            = aws_security_group.endpoints.id
  referenced_security_group_id = aws_security_group.isolation.id
  ip_protocol                  = "tcp"
  from_port                    = 443
  to_port                      = 443
}

resource "aws_vpc_endpoint" "ssm" {
  for_each            = toset(["ssm", "ssmmessages", "ec2messages"])
  vpc_id              = var.vpc_id
  service_name        = "com.amazonaws.${data.aws_region.here.name}.${each.key}"
  vpc_endpoint_type   = "Interface"
  subnet_ids          = var.subnet_ids
  security_group_ids  = [aws_security_group.endpoints.id]
  private_dns_enabled = true
}

# Isolation: nothing comes in, and out goes evidence and SSM only.  The resolver
# of the VPC and the metadata service are not subject to security groups: names
# can still be asked for, which is a narrow way out.  Connections that are
# tracked stay until they end: cut them by the network ACL where it matters.

resource "aws_security_group" "isolation" {
  name                   = "icecore-isolation"
  description            = "No ingress; egress to the evidence store and SSM"
  vpc_id                 = var.vpc_id
  revoke_rules_on_delete = true
}

resource "aws_vpc_security_group_egress_rule" "evidence" {
  security_group_id = aws_security_group.isolation.id
  prefix_list_id    = aws_vpc_endpoint.s3.prefix_list_id
  ip_protocol       = "tcp"
  from_port         = 443
  to_port           = 443
}

resource "aws_vpc_security_group_egress_rule" "ssm" {
  security_group_id            = aws_security_group.isolation.id
  referenced_security_group_id = aws_security_group.endpoints.id
  ip_protocol                  = "tcp"
  from_port                    = 443
  to_port                      = 443
}

# The right that a host has, by its role: to add below one prefix.

data "aws_iam_policy_document" "host" {
  statement {
    effect    = "Allow"
    actions   = ["s3:PutObject"]
    resources = ["${aws_s3_bucket.evidence.arn}/*"]
  }
}

resource "aws_iam_policy" "host" {
  name        = "icecore-add-evidence"
  description = "To add evidence; not to read, list, overwrite or delete it"
  policy      = data.aws_iam_policy_document.host.json
}

# From a finding to the automation.

data "aws_iam_policy_document" "assume" {
  statement {
    actions = ["sts:AssumeRole"]
    principals {
      type        = "Service"
      identifiers = ["ssm.amazonaws.com"]
    }
  }
}

resource "aws_iam_role" "automation" {
  name               = "icecore-automation"
  assume_role_policy = data.aws_iam_policy_document.assume.json
}

data "aws_iam_policy_document" "automation" {
  statement {
    actions = [
      "ec2:CreateTags",
      "ec2:ModifyInstanceAttribute",
    ]
    resources = [
      "arn:aws:ec2:*:${data.aws_caller_identity.here.account_id}:instance/*",
      "arn:aws:ec2:*:${data.aws_caller_identity.here.account_id}:security-group/${aws_security_group.isolation.id}",
    ]
  }
  statement {
    actions = ["ssm:SendCommand"]
    resources = [
      "arn:aws:ec2:*:${data.aws_caller_identity.here.account_id}:instance/*",
      aws_ssm_document.capture.arn,
    ]
  }
  statement {
    actions   = ["ssm:ListCommands", "ssm:ListCommandInvocations", "ssm:GetCommandInvocation", "ec2:DescribeInstances"]
    resources = ["*"]
  }
}

resource "aws_iam_role_policy" "automation" {
  name   = "icecore-automation"
  role   = aws_iam_role.automation.id
  policy = data.aws_iam_policy_document.automation.json
}

resource "aws_ssm_document" "capture" {
  name            = "icecore-capture"
  document_type   = "Command"
  document_format = "JSON"
  content         = file("${path.module}/icecore-capture.json")
}

resource "aws_ssm_document" "isolate" {
  name            = "icecore-isolate"
  document_type   = "Automation"
  document_format = "JSON"
  content         = file("${path.module}/icecore-isolate.json")
}

resource "aws_cloudwatch_event_rule" "finding" {
  name        = "icecore-guardduty"
  description = "Findings of medium severity and above about an instance"
  event_pattern = jsonencode({
    source      = ["aws.guardduty"]
    detail-type = ["GuardDuty Finding"]
    detail = {
      severity = [{ numeric = [">=", 4] }]
      resource = { resourceType = ["Instance"] }
    }
  })
}

data "aws_iam_policy_document" "events" {
  statement {
    actions = ["sts:AssumeRole"]
    principals {
      type        = "Service"
      identifiers = ["events.amazonaws.com"]
    }
  }
}

resource "aws_iam_role" "events" {
  name               = "icecore-events"
  assume_role_policy = data.aws_iam_policy_document.events.json
}

data "aws_iam_policy_document" "start" {
  statement {
    actions   = ["ssm:StartAutomationExecution"]
    resources = ["${replace(aws_ssm_document.isolate.arn, ":document/", ":automation-definition/")}:*"]
  }
  statement {
    actions   = ["iam:PassRole"]
    resources = [aws_iam_role.automation.arn]
  }
}

resource "aws_iam_role_policy" "events" {
  name   = "icecore-start"
  role   = aws_iam_role.events.id
  policy = data.aws_iam_policy_document.start.json
}

resource "aws_cloudwatch_event_target" "isolate" {
  rule     = aws_cloudwatch_event_rule.finding.name
  arn      = replace(aws_ssm_document.isolate.arn, ":document/", ":automation-definition/")
  role_arn = aws_iam_role.events.arn
  input_transformer {
    input_paths = {
      instance = "$.detail.resource.instanceDetails.instanceId"
      finding  = "$.detail.id"
    }
    # jsonencode() writes < and > as \u003c and \u003e, which EventBridge does
    # not take for its variables.
    input_template = replace(replace(jsonencode(merge(
      {
        InstanceId           = ["<instance>"]
        Case                 = ["<finding>"]
        IsolationGroup       = [aws_security_group.isolation.id]
        AutomationAssumeRole = [aws_iam_role.automation.arn]
      },
      { for name, value in var.automation : name => [value] },
    )), "\\u003c", "<"), "\\u003e", ">")
  }
}

output "isolation_security_group" {
  description = "For isolation-group = in the section [trigger ec2]."
  value       = aws_security_group.isolation.id
}

output "host_policy" {
  description = "To attach to the roles of the hosts."
  value       = aws_iam_policy.host.arn
}

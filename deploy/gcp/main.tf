# SPDX-License-Identifier: Apache-2.0
#
# The Google Cloud side of icecore: a bucket that keeps what was put into it,
# the right to add and no more, and the firewall of isolated hosts, which leaves
# the way of the evidence open.  To isolate: add the network tag; to trigger:
#
#   gcloud compute instances add-metadata HOST --metadata icecore=ORDER
#   gcloud compute instances add-tags HOST --tags icecore-isolated

terraform {
  required_version = ">= 1.5"
  required_providers {
    google = {
      source  = "hashicorp/google"
      version = ">= 5.0"
    }
  }
}

variable "project" {
  description = "The project of the hosts."
  type        = string
}

variable "bucket" {
  description = "Name of the evidence bucket."
  type        = string
}

variable "bucket_project" {
  description = "The forensic project, which owns the bucket."
  type        = string
}

variable "location" {
  description = "Where evidence is kept."
  type        = string
}

variable "network" {
  description = "The VPC of the hosts; private Google access must be on."
  type        = string
}

variable "host_service_accounts" {
  description = "E-mail addresses of the service accounts of the hosts."
  type        = list(string)
}

variable "retention_days" {
  description = "How long nobody can change or delete evidence."
  type        = number
  default     = 365
}

resource "google_storage_bucket" "evidence" {
  name                        = var.bucket
  project                     = var.bucket_project
  location                    = var.location
  uniform_bucket_level_access = true
  public_access_prevention    = "enforced"
  versioning {
    enabled = true
  }
  retention_policy {
    retention_period = var.retention_days * 86400
    is_locked        = true
  }
}

# objectCreator may add; to write over something it would need delete as well.
resource "google_storage_bucket_iam_member" "hosts" {
  for_each = toset(var.host_service_accounts)
  bucket   = google_storage_bucket.evidence.name
  role     = "roles/storage.objectCreator"
  member   = "serviceAccount:${each.key}"
}

# 199.36.153.4/30 is restricted.googleapis.com, by which the services that VPC
# Service Controls protect are reached, and nothing else.
resource "google_compute_firewall" "evidence" {
  name               = "icecore-evidence"
  project            = var.project
  network            = var.network
  direction          = "EGRESS"
  priority           = 100
  target_tags        = ["icecore-isolated"]
  destination_ranges = ["199.36.153.4/30"]
  allow {
    protocol = "tcp"
    ports    = ["443"]
  }
}

resource "google_compute_firewall" "nothing_out" {
  name               = "icecore-nothing-out"
  project            = var.project
  network            = var.network
  direction          = "EGRESS"
  priority           = 101
  target_tags        = ["icecore-isolated"]
  destination_ranges = ["0.0.0.0/0"]
  deny {
    protocol = "all"
  }
}

resource "google_compute_firewall" "nothing_in" {
  name          = "icecore-nothing-in"
  project       = var.project
  network       = var.network
  direction     = "INGRESS"
  priority      = 100
  target_tags   = ["icecore-isolated"]
  source_ranges = ["0.0.0.0/0"]
  deny {
    protocol = "all"
  }
}

resource "google_dns_managed_zone" "restricted" {
  name       = "icecore-googleapis"
  project    = var.project
  dns_name   = "googleapis.com."
  visibility = "private"
  private_visibility_config {
    networks {
      network_url = var.network
    }
  }
}

resource "google_dns_record_set" "restricted" {
  for_each     = { "googleapis.com." = "A", "*.googleapis.com." = "CNAME" }
  name         = each.key
  project      = var.project
  managed_zone = google_dns_managed_zone.restricted.name
  type         = each.value
  ttl          = 300
  rrdatas = each.value == "A" ? [
    "199.36.153.4", "199.36.153.5", "199.36.153.6", "199.36.153.7",
  ] : ["googleapis.com."]
}

output "destination" {
  description = "For to = of the watch."
  value       = "gs://${google_storage_bucket.evidence.name}"
}

locals {
  day = 24 * 3600

  # Who may do what in which bucket. objectUser reads, writes and deletes objects; it changes no policy.
  # Records and their index are compared and set, and that overwrites, which takes the right to delete.
  bucket_roles = merge(
    {
      for identity in ["api", "uploads", "sweep", "worker"] :
      "uploads/${identity}" => { bucket = google_storage_bucket.uploads.name, identity = identity, role = "roles/storage.objectViewer" }
    },
    {
      for identity in ["api", "dispatch", "notify", "dead_letter", "sweep", "worker"] :
      "results/${identity}" => { bucket = google_storage_bucket.results.name, identity = identity, role = "roles/storage.objectUser" }
    },
    {
      # A delivery is made from the manifest.
      "results/deliver" = { bucket = google_storage_bucket.results.name, identity = "deliver", role = "roles/storage.objectViewer" }
    },
    {
      # An upload that is refused ends at once: its manifest is written, and nothing is ever changed. The jobs of a
      # batch that is canceled end here too, and what a lost worker left beside their manifests is removed.
      # The files of answers of Vertex AI's batches are written from here as well.
      "results/uploads/read"  = { bucket = google_storage_bucket.results.name, identity = "uploads", role = "roles/storage.objectViewer" }
      "results/uploads/write" = { bucket = google_storage_bucket.results.name, identity = "uploads", role = "roles/storage.objectCreator" }
      "results/uploads/tidy"  = { bucket = google_storage_bucket.results.name, identity = "uploads", role = google_project_iam_custom_role.remover.name }
    },
    {
      for identity in ["api", "uploads", "dispatch", "notify", "deliver", "remind", "dead_letter", "sweep", "worker"] :
      "jobs/${identity}" => { bucket = google_storage_bucket.jobs.name, identity = identity, role = "roles/storage.objectUser" }
    },
    {
      "source/build" = { bucket = google_storage_bucket.source.name, identity = "build", role = "roles/storage.objectViewer" }
    },
    var.weights == "bucket" ? {
      "models/worker" = { bucket = google_storage_bucket.models[0].name, identity = "worker", role = "roles/storage.objectViewer" }
    } : {},
    # A process that reads compiled code runs it. The worker reads it and adds to it; no account replaces it.
    local.has_gpu ? {
      "compiled/worker/read"  = { bucket = google_storage_bucket.compiled[0].name, identity = "worker", role = "roles/storage.objectViewer" }
      "compiled/worker/write" = { bucket = google_storage_bucket.compiled[0].name, identity = "worker", role = "roles/storage.objectCreator" }
    } : {},
    {
      for pair in setproduct(var.input_buckets, ["api", "uploads", "worker"]) :
      "input/${pair[0]}/${pair[1]}" => { bucket = pair[0], identity = pair[1], role = "roles/storage.objectViewer" }
    },
  )

  # One map for the laptop and the cloud: functions/contract/retention_rules.py. Here it is lifecycle rules.
  retention = {
    for bucket in ["uploads", "results", "jobs"] :
    bucket => { for place, days in var.retention_days : trimprefix(place, "${bucket}/") => days if startswith(place, "${bucket}/") }
  }
}

# What comes in: uploads that start jobs, uploads for requests (api/), and recipes (recipes/).
resource "google_storage_bucket" "uploads" {
  #checkov:skip=CKV_GCP_62:Usage logs are for public sites and need a bucket of their own; Cloud Audit Logs say who read what
  #checkov:skip=CKV_GCP_78:Soft delete restores what was deleted by mistake; a version would outlive its owner's deletion
  name                        = "${var.project_id}-${var.name}-uploads"
  location                    = var.region
  uniform_bucket_level_access = true
  public_access_prevention    = "enforced"
  force_destroy               = var.dev

  soft_delete_policy {
    retention_duration_seconds = var.soft_delete_days * local.day
  }

  dynamic "lifecycle_rule" {
    for_each = merge(local.retention.uploads, { "api/sessions/" = 2 })

    content {
      action { type = "Delete" }
      condition {
        age            = lifecycle_rule.value
        matches_prefix = [lifecycle_rule.key]
      }
    }
  }

  lifecycle_rule {
    action { type = "AbortIncompleteMultipartUpload" }
    condition { age = 1 }
  }

  dynamic "cors" {
    for_each = length(var.upload_origins) == 0 ? [] : [var.upload_origins]

    content {
      origin          = cors.value
      method          = ["PUT"]
      response_header = ["Content-Type", "x-goog-content-length-range"]
      max_age_seconds = 3600
    }
  }

  dynamic "encryption" {
    for_each = local.key

    content {
      default_kms_key_name = encryption.value
    }
  }

  depends_on = [google_project_service.api, time_sleep.key_grants]
}

# What comes out: pictures and manifests. The manifest is the commit; nothing here is ever replaced.
resource "google_storage_bucket" "results" {
  #checkov:skip=CKV_GCP_62:Usage logs are for public sites and need a bucket of their own; Cloud Audit Logs say who read what
  #checkov:skip=CKV_GCP_78:Soft delete restores what was deleted by mistake; a version would outlive its owner's deletion
  name                        = "${var.project_id}-${var.name}-results"
  location                    = var.region
  uniform_bucket_level_access = true
  public_access_prevention    = "enforced"
  force_destroy               = var.dev

  soft_delete_policy {
    retention_duration_seconds = var.soft_delete_days * local.day
  }

  dynamic "lifecycle_rule" {
    for_each = local.retention.results

    content {
      action { type = "Delete" }
      condition { age = lifecycle_rule.value }
    }
  }

  lifecycle_rule {
    action { type = "AbortIncompleteMultipartUpload" }
    condition { age = 1 }
  }

  dynamic "encryption" {
    for_each = local.key

    content {
      default_kms_key_name = encryption.value
    }
  }

  depends_on = [google_project_service.api, time_sleep.key_grants]
}

# What is known: records, their index, markers of open jobs, inputs, checkpoints, deliveries, receivers, marks.
resource "google_storage_bucket" "jobs" {
  #checkov:skip=CKV_GCP_62:Usage logs are for public sites and need a bucket of their own; Cloud Audit Logs say who read what
  #checkov:skip=CKV_GCP_78:Records are overwritten every second while a job runs; each would be kept and paid for
  name                        = "${var.project_id}-${var.name}-jobs"
  location                    = var.region
  uniform_bucket_level_access = true
  public_access_prevention    = "enforced"
  force_destroy               = var.dev

  # A running job's record is overwritten every second: each of these would be kept, and paid for.
  soft_delete_policy {
    retention_duration_seconds = 0
  }

  dynamic "lifecycle_rule" {
    # What only matters while callers wait is always short-lived (SHORT_LIVED in that file).
    for_each = merge(local.retention.jobs, { "repeats/" = 1, "processes/" = 1, "limits/places/" = 2, "limits/days/" = 2, "failures/" = 7 })

    content {
      action { type = "Delete" }
      condition {
        age            = lifecycle_rule.value
        matches_prefix = [lifecycle_rule.key]
      }
    }
  }

  lifecycle_rule {
    action { type = "AbortIncompleteMultipartUpload" }
    condition { age = 1 }
  }

  dynamic "encryption" {
    for_each = local.key

    content {
      default_kms_key_name = encryption.value
    }
  }

  depends_on = [google_project_service.api, time_sleep.key_grants]
}

# The functions' source, each version under its own hash.
resource "google_storage_bucket" "source" {
  #checkov:skip=CKV_GCP_62:Usage logs are for public sites and need a bucket of their own; Cloud Audit Logs say who read what
  #checkov:skip=CKV_GCP_78:Objects are named by their hash and never overwritten
  name                        = "${var.project_id}-${var.name}-source"
  location                    = var.region
  uniform_bucket_level_access = true
  public_access_prevention    = "enforced"
  force_destroy               = var.dev

  soft_delete_policy {
    retention_duration_seconds = 7 * local.day
  }

  dynamic "encryption" {
    for_each = local.key

    content {
      default_kms_key_name = encryption.value
    }
  }

  depends_on = [google_project_service.api, time_sleep.key_grants]
}

# Weights, where they are not in the image. Read-only for the worker; people put them there.
resource "google_storage_bucket" "models" {
  #checkov:skip=CKV_GCP_62:Usage logs are for public sites and need a bucket of their own; Cloud Audit Logs say who read what
  #checkov:skip=CKV_GCP_78:People put models there under new names; soft delete restores what they removed
  count = var.weights == "bucket" ? 1 : 0

  name                        = "${var.project_id}-${var.name}-models"
  location                    = var.region
  uniform_bucket_level_access = true
  public_access_prevention    = "enforced"
  force_destroy               = var.dev

  soft_delete_policy {
    retention_duration_seconds = 7 * local.day
  }

  dynamic "encryption" {
    for_each = local.key

    content {
      default_kms_key_name = encryption.value
    }
  }

  depends_on = [google_project_service.api, time_sleep.key_grants]
}

# What torch compiled for a model on this GPU, for the workers that start later. It is code that the worker runs: no
# other account of ours may write there, and the worker itself can only add. Old code is compiled again after a while.
resource "google_storage_bucket" "compiled" {
  #checkov:skip=CKV_GCP_62:Usage logs are for public sites and need a bucket of their own; Cloud Audit Logs say who read what
  #checkov:skip=CKV_GCP_78:Nothing is overwritten; what is deleted is compiled again
  count = local.has_gpu ? 1 : 0

  name                        = "${var.project_id}-${var.name}-compiled"
  location                    = var.region
  uniform_bucket_level_access = true
  public_access_prevention    = "enforced"
  force_destroy               = true

  soft_delete_policy {
    retention_duration_seconds = 0
  }

  lifecycle_rule {
    condition {
      age = 90
    }

    action {
      type = "Delete"
    }
  }

  dynamic "encryption" {
    for_each = local.key

    content {
      default_kms_key_name = encryption.value
    }
  }

  depends_on = [google_project_service.api, time_sleep.key_grants]
}

resource "google_storage_bucket_iam_member" "access" {
  for_each = local.bucket_roles

  bucket = each.value.bucket
  role   = each.value.role
  member = google_service_account.this[each.value.identity].member
}

# The API signs addresses to which callers upload, all under api/. Elsewhere an upload starts a job, and a recipe
# says what jobs do: nothing of ours may write there.
resource "google_storage_bucket_iam_member" "api_uploads" {
  bucket = google_storage_bucket.uploads.name
  role   = "roles/storage.objectCreator"
  member = google_service_account.this["api"].member

  condition {
    title      = "uploads-through-the-api-only"
    expression = "resource.name.startsWith(\"projects/_/buckets/${google_storage_bucket.uploads.name}/objects/api/\")"
  }
}

# Deleting a job also deletes its inputs, and sweep finishes that: no predefined role only deletes.
resource "google_storage_bucket_iam_member" "removes_uploads" {
  for_each = toset(["api", "sweep"])

  bucket = google_storage_bucket.uploads.name
  role   = google_project_iam_custom_role.remover.name
  member = google_service_account.this[each.key].member
}

locals {
  # functions: what Cloud Build makes of the zip. images: what people push, and the worker runs.
  repositories = {
    functions = "The functions, as Cloud Build makes them"
    images    = "The worker"
  }
}

resource "google_artifact_registry_repository" "this" {
  for_each = local.repositories

  location      = var.region
  repository_id = "${var.name}-${each.key}"
  description   = each.value
  format        = "DOCKER"
  kms_key_name  = one(local.key)

  # What has no tag any more was replaced; the newest are kept, so that one can go back.
  cleanup_policies {
    id     = "delete-untagged"
    action = "DELETE"

    condition {
      tag_state  = "UNTAGGED"
      older_than = "2592000s"
    }
  }

  cleanup_policies {
    id     = "keep-recent"
    action = "KEEP"

    most_recent_versions {
      keep_count = 10
    }
  }

  vulnerability_scanning_config {
    enablement_config = "INHERITED"
  }

  depends_on = [google_project_service.api, time_sleep.key_grants]
}

resource "google_artifact_registry_repository_iam_member" "build_writes" {
  location   = var.region
  repository = google_artifact_registry_repository.this["functions"].name
  role       = "roles/artifactregistry.writer"
  member     = google_service_account.this["build"].member
}

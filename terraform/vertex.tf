locals {
  batches_on_vertex = try(var.vertex.batch, null) != null

  # For the functions that begin batches and move them on: the model, and what it runs on.
  batch_settings = local.batches_on_vertex ? {
    PLANTAIN_VERTEX_MODEL             = var.vertex.batch.model
    PLANTAIN_VERTEX_BATCH_MACHINE     = var.vertex.batch.machine
    PLANTAIN_VERTEX_BATCH_ACCELERATOR = var.vertex.batch.accelerator
    PLANTAIN_VERTEX_BATCH_REPLICAS    = tostring(var.vertex.batch.replicas)
    PLANTAIN_VERTEX_BATCH_ACCOUNT     = google_service_account.this["worker"].email
  } : {}

  # For dispatch: the endpoint's full name, which says the region too.
  vertex_settings = var.vertex == null ? {} : {
    PLANTAIN_VERTEX_ENDPOINT = google_vertex_ai_endpoint.this[0].id
  }

  # The worker's settings where neither secrets nor buckets are mounted: on Vertex AI and on GKE. The container is
  # given the secrets' names, and reads them as the worker's account. It downloads the models from their bucket.
  environment_by_name = merge(
    local.worker_settings,
    var.weights != "bucket" ? {} : {
      PLANTAIN_MODELS = jsonencode({
        for name, where in var.models :
        name => startswith(where, "/models/") ? "gs://${google_storage_bucket.models[0].name}/${trimprefix(where, "/models/")}" : where
      })
    },
    { for name, secret in local.worker_secrets : name => "sm://${google_secret_manager_secret.this[secret.secret].id}/versions/${secret.version}" },
  )
}

# Models are deployed to it as docs/deploy.md says: Terraform has no resource for that, and neither the model nor
# the split of traffic between models is this configuration's.
resource "google_vertex_ai_endpoint" "this" {
  #checkov:skip=CKV2_GCP_33:Dispatch has no network of its own; the endpoint is dedicated, and IAM checks every call
  count = var.vertex == null ? 0 : 1

  name                       = var.vertex.endpoint_id
  display_name               = var.name
  description                = "Plantain's remote lane: the same container as the worker."
  location                   = var.region
  region                     = var.region
  dedicated_endpoint_enabled = true

  dynamic "encryption_spec" {
    for_each = local.key

    content {
      kms_key_name = encryption_spec.value
    }
  }

  lifecycle {
    ignore_changes = [traffic_split]
  }

  depends_on = [google_project_service.api, time_sleep.key_grants]
}

output "vertex_container" {
  description = "What make vertex deploys the worker's image with. Names secrets, and holds none. Null without an endpoint."
  value = var.vertex == null ? null : {
    endpoint        = google_vertex_ai_endpoint.this[0].id
    service_account = google_service_account.this["worker"].email
    environment     = local.environment_by_name
    key             = one(local.key)
  }
}

locals {
  vertex_settings = var.vertex == null ? {} : {
    PLANTAIN_VERTEX_ENDPOINT = google_vertex_ai_endpoint.this[0].id
    PLANTAIN_VERTEX_REGION   = var.region
  }
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

  depends_on = [google_project_service.api, google_kms_crypto_key_iam_member.agent]
}

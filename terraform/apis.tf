locals {
  apis = toset(concat(
    [
      "artifactregistry",
      "cloudbuild",
      "cloudfunctions",
      "cloudresourcemanager",
      "cloudscheduler",
      "iam",
      "iamcredentials",
      "logging",
      "monitoring",
      "pubsub",
      "run",
      "secretmanager",
      "storage",
    ],
    local.autoscaled ? ["parametermanager"] : [],
    local.uses_vertex ? ["aiplatform"] : [],
    var.cmek || local.signs_by_kms ? ["cloudkms"] : [],
    var.safety.text_classifier == "model_armor" ? ["modelarmor"] : [],
    var.tracing ? ["cloudtrace", "telemetry"] : [],
    var.budget == null ? [] : ["billingbudgets"],
    local.has_vpc || local.has_front_door ? ["compute"] : [],
    local.behind_iap ? ["iap"] : [],
    var.github_repository == null ? [] : ["sts"],
  ))
}

# Others may use the same APIs in this project: what is switched on here is not switched off again.
resource "google_project_service" "api" {
  for_each = local.apis

  service            = "${each.key}.googleapis.com"
  disable_on_destroy = false
}

locals {
  # One identity for each thing that runs, so that each can be given what it needs and nothing else.
  identities = merge(
    {
      api         = "the API"
      uploads     = "an upload becomes a job"
      dispatch    = "a job goes to Vertex AI"
      notify      = "a manifest becomes an event, and a delivery that is queued"
      deliver     = "webhooks are called"
      remind      = "deliveries are queued when they are due"
      dead_letter = "what every worker gave back"
      sweep       = "open jobs are driven on"
      worker      = "the GPU worker"
      build       = "Cloud Build makes the functions from their source"
      push        = "Pub/Sub calls the functions"
      schedule    = "Cloud Scheduler calls sweep and the autoscaler"
    },
    local.autoscaled ? { autoscaler = "CREMA sets the number of workers" } : {},
    local.on_gke ? { autoscaler = "KEDA reads the backlog" } : {},
    var.github_repository == null ? {} : {
      github_plan  = "GitHub builds the image and plans"
      github_apply = "GitHub applies what was approved"
    },
  )

  writes_traces = setintersection(["api", "uploads", "dispatch", "notify", "deliver", "remind", "dead_letter", "sweep", "worker"], keys(local.identities))

  # Named and not referred to: a key of for_each must be known before anything is made.
  predictor_id = "${replace(var.name, "-", "_")}_predictor"
  predictor    = "projects/${var.project_id}/roles/${local.predictor_id}"
  batcher_id   = "${replace(var.name, "-", "_")}_batcher"
  batcher      = "projects/${var.project_id}/roles/${local.batcher_id}"

  # All roles that are granted on the project; for each of them no smaller resource takes the role.
  project_roles = concat(
    # A build's log belongs to no resource.
    [{ identity = "build", role = "roles/logging.logWriter" }],
    # KEDA reads the backlog from Cloud Monitoring, and the provider grants nothing on one parameter.
    local.autoscaled || local.on_gke ? [{ identity = "autoscaler", role = "roles/monitoring.viewer" }] : [],
    local.autoscaled ? [{ identity = "autoscaler", role = "roles/parametermanager.parameterViewer" }] : [],
    # Vertex AI's own roles reach far; these may ask for predictions, and run batches where those are on.
    var.vertex == null ? [] : [{ identity = "dispatch", role = local.predictor }],
    local.batches_on_vertex ? [{ identity = "uploads", role = local.batcher }] : [],
    local.asks_gemini ? [{ identity = "worker", role = local.predictor }] : [],
    # Model Armor grants nothing on one template. The API and the worker both read prompts.
    var.safety.text_classifier != "model_armor" ? [] : [for identity in ["api", "uploads", "worker"] : { identity = identity, role = "roles/modelarmor.user" }],
    # A trace belongs to no resource. The role holds telemetry.traces.write, which is what they are written with.
    var.tracing ? [for identity in local.writes_traces : { identity = identity, role = "roles/cloudtrace.agent" }] : [],
  )
}

resource "google_service_account" "this" {
  for_each = local.identities

  account_id   = "${var.name}-${replace(each.key, "_", "-")}"
  display_name = "${var.name}: ${each.value}"

  depends_on = [google_project_service.api]
}

resource "google_project_iam_member" "this" {
  for_each = { for grant in local.project_roles : "${grant.identity}/${basename(grant.role)}" => grant }

  project = var.project_id
  role    = each.value.role
  member  = google_service_account.this[each.value.identity].member

  depends_on = [google_project_iam_custom_role.predictor, google_project_iam_custom_role.batcher]
}

# Cloud Run functions copy the source to a bucket of their own before they build it. It is Google's, it may not
# exist yet, and so the condition names it where a resource cannot.
resource "google_project_iam_member" "build_reads_source" {
  project = var.project_id
  role    = "roles/storage.objectViewer"
  member  = google_service_account.this["build"].member

  condition {
    title       = "functions-source-only"
    description = "The bucket in which Cloud Run functions keep the source that they build."
    expression  = "resource.name.startsWith(\"projects/_/buckets/gcf-v2-sources-${local.number}-${var.region}\")"
  }
}

resource "google_project_iam_custom_role" "predictor" {
  count = local.uses_vertex ? 1 : 0

  role_id     = local.predictor_id
  title       = "${var.name}: asks models for predictions"
  description = "Calls Vertex AI's models and endpoints. Changes none."
  permissions = ["aiplatform.endpoints.get", "aiplatform.endpoints.predict"]

  depends_on = [google_project_service.api]
}

resource "google_project_iam_custom_role" "batcher" {
  count = local.batches_on_vertex ? 1 : 0

  role_id     = local.batcher_id
  title       = "${var.name}: runs batches"
  description = "Begins, watches and cancels Vertex AI's batch prediction jobs. Deploys no model."
  permissions = [
    "aiplatform.batchPredictionJobs.cancel",
    "aiplatform.batchPredictionJobs.create",
    "aiplatform.batchPredictionJobs.get",
    "aiplatform.batchPredictionJobs.list",
    "aiplatform.models.get",
  ]

  depends_on = [google_project_service.api]
}

resource "google_project_iam_custom_role" "remover" {
  role_id     = "${replace(var.name, "-", "_")}_remover"
  title       = "${var.name}: removes objects"
  description = "Deletes objects where it is granted. Reads and writes none."
  permissions = ["storage.objects.delete"]

  depends_on = [google_project_service.api]
}

# Pub/Sub signs its calls as the push account: OpenID tokens, and no access tokens.
resource "google_service_account_iam_member" "pubsub_signs" {
  service_account_id = google_service_account.this["push"].name
  role               = "roles/iam.serviceAccountOpenIdTokenCreator"
  member             = local.agents.pubsub
}

# A function has no key to sign addresses with: IAM signs for it, on its own account alone.
resource "google_service_account_iam_member" "api_signs" {
  service_account_id = google_service_account.this["api"].name
  role               = "roles/iam.serviceAccountTokenCreator"
  member             = google_service_account.this["api"].member
}

# An account that starts workers gives them the worker's identity.
resource "google_service_account_iam_member" "autoscaler_uses_worker" {
  count = local.autoscaled ? 1 : 0

  service_account_id = google_service_account.this["worker"].name
  role               = "roles/iam.serviceAccountUser"
  member             = google_service_account.this["autoscaler"].member
}

# A batch prediction job runs as the worker.
resource "google_service_account_iam_member" "uploads_uses_worker" {
  count = local.batches_on_vertex ? 1 : 0

  service_account_id = google_service_account.this["worker"].name
  role               = "roles/iam.serviceAccountUser"
  member             = google_service_account.this["uploads"].member
}

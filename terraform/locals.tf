data "google_project" "this" {
  project_id = var.project_id
}

# Asking for it also makes it: the account that Cloud Storage publishes and decrypts as.
data "google_storage_project_service_account" "agent" {}

locals {
  number = data.google_project.this.number

  # Google's own accounts in this project, one for each product that acts by itself.
  agents = {
    pubsub           = "serviceAccount:service-${local.number}@gcp-sa-pubsub.iam.gserviceaccount.com"
    storage          = "serviceAccount:${data.google_storage_project_service_account.agent.email_address}"
    run              = "serviceAccount:service-${local.number}@serverless-robot-prod.iam.gserviceaccount.com"
    functions        = "serviceAccount:service-${local.number}@gcf-admin-robot.iam.gserviceaccount.com"
    secretmanager    = "serviceAccount:service-${local.number}@gcp-sa-secretmanager.iam.gserviceaccount.com"
    artifactregistry = "serviceAccount:service-${local.number}@gcp-sa-artifactregistry.iam.gserviceaccount.com"
    aiplatform       = "serviceAccount:service-${local.number}@gcp-sa-aiplatform.iam.gserviceaccount.com"
  }

  has_functions = var.functions_zip != null
  has_worker    = var.worker_image != null
  autoscaled    = local.has_worker && var.gke == null && var.autoscaler
  asks_gemini   = local.has_worker && (var.gemini || var.safety.image_classifier == "gemini")
  uses_vertex   = var.vertex != null || local.asks_gemini

  # The settings that functions and worker share: functions/contract/settings.py.
  settings = merge(
    var.settings,
    {
      PLANTAIN_PROFILE             = "production"
      PLANTAIN_PROJECT             = var.project_id
      PLANTAIN_UPLOADS_BUCKET      = google_storage_bucket.uploads.name
      PLANTAIN_RESULTS_BUCKET      = google_storage_bucket.results.name
      PLANTAIN_JOBS_BUCKET         = google_storage_bucket.jobs.name
      PLANTAIN_JOBS_TOPIC          = google_pubsub_topic.jobs["gpu"].name
      PLANTAIN_LOW_JOBS_TOPIC      = google_pubsub_topic.jobs["gpu-low"].name
      PLANTAIN_REMOTE_TOPIC        = google_pubsub_topic.jobs["remote"].name
      PLANTAIN_EVENTS_TOPIC        = google_pubsub_topic.events.name
      PLANTAIN_WEBHOOKS_TOPIC      = google_pubsub_topic.webhooks["webhooks"].name
      PLANTAIN_REMINDERS_TOPIC     = google_pubsub_topic.webhooks["webhook-reminders"].name
      PLANTAIN_DEAD_LETTER_TOPIC   = google_pubsub_topic.dead_letter["jobs"].name
      PLANTAIN_WORKER_SUBSCRIPTION = google_pubsub_subscription.worker.name
      PLANTAIN_LOW_SUBSCRIPTION    = google_pubsub_subscription.worker_low.name
    },
    { PLANTAIN_RETENTION_DAYS = jsonencode(var.retention_days) },
    var.safety.text_classifier == "none" ? {} : {
      PLANTAIN_TEXT_CLASSIFIER      = var.safety.text_classifier
      PLANTAIN_MODEL_ARMOR_TEMPLATE = var.safety.model_armor_template
    },
    length(var.limits) == 0 ? {} : { PLANTAIN_LIMITS = jsonencode({ for owner, limits in var.limits : owner => { for name, limit in limits : name => limit if limit != null } }) },
    length(var.models) == 0 ? {} : { PLANTAIN_MODELS = jsonencode(var.models) },
    var.default_model == null ? {} : { PLANTAIN_DEFAULT_MODEL = var.default_model },
    length(try(var.vertex.models, [])) == 0 ? {} : { PLANTAIN_REMOTE_MODELS = jsonencode(var.vertex.models) },
    length(var.input_buckets) == 0 ? {} : { PLANTAIN_INPUT_BUCKETS = jsonencode(var.input_buckets) },
    # By the trace's id, so that every process decides the same way and a trace is complete or absent. The sampling of
    # Cloud Run's front end would give incomplete traces.
    !var.tracing ? {} : {
      PLANTAIN_GOOGLE_TRACES  = "true"
      OTEL_TRACES_SAMPLER     = "traceidratio"
      OTEL_TRACES_SAMPLER_ARG = tostring(var.trace_ratio)
    },
  )
}

output "api_url" {
  description = "Where the API is: behind the front door, its first domain. Null until functions_zip is given."
  value       = local.has_front_door ? "https://${var.front_door.domains[0]}" : local.has_functions ? google_cloudfunctions2_function.this["api"].service_config[0].uri : null
}

output "front_door_address" {
  description = "The address that the front door's domains must have (A records). Null without one."
  value       = one(google_compute_global_address.front_door[*].address)
}

output "egress_address" {
  description = "The one address from which webhooks come, for receivers to let through. Null without vpc.fixed_address."
  value       = one(google_compute_address.egress[*].address)
}

output "buckets" {
  description = "What comes in, what comes out, what is known, and the models where weights is bucket."
  value = {
    uploads = google_storage_bucket.uploads.name
    results = google_storage_bucket.results.name
    jobs    = google_storage_bucket.jobs.name
    source  = google_storage_bucket.source.name
    models  = one(google_storage_bucket.models[*].name)
  }
}

output "topics" {
  description = "Subscribe to events to learn how every job ended."
  value = {
    events      = google_pubsub_topic.events.id
    jobs_gpu    = google_pubsub_topic.jobs["gpu"].id
    jobs_remote = google_pubsub_topic.jobs["remote"].id
  }
}

output "kept_dead_letters" {
  description = "Subscriptions in which given-up messages wait for a person: docs/runbooks/dead-letters.md says how to send them again."
  value       = { for hop, subscription in google_pubsub_subscription.kept : hop => subscription.name }
}

output "image_repository" {
  description = "Where to push the worker's image; give it back as worker_image, by digest."
  value       = "${var.region}-docker.pkg.dev/${var.project_id}/${google_artifact_registry_repository.this["images"].repository_id}"
}

output "worker" {
  description = "The worker's full name, as gcloud and CREMA take it. Null until worker_image is given, and on GKE."
  value       = local.is_pool || local.is_service ? local.worker_path : null
}

output "service_accounts" {
  description = "Each part's identity, to be granted what lies outside of this project."
  value       = { for part, account in google_service_account.this : part => account.email }
}

output "secrets" {
  description = "Where each secret is kept. Their values are in no state."
  value       = { for name, secret in google_secret_manager_secret.this : name => secret.secret_id }
}

output "vertex_endpoint" {
  description = "The remote lane's endpoint, to which models are deployed. Null without one."
  value       = one(google_vertex_ai_endpoint.this[*].id)
}

output "dashboard" {
  description = "The dashboard's id."
  value       = google_monitoring_dashboard.this.id
}

# The whole configuration, applied to a provider that is not there.
#
# Few runs with many assertions, and not the other way round: without a registry each run opens connections to a
# stand-in for the provider, of which it takes fifteen (docs/traps.md). What needs no provider is in
# variables.tftest.hcl.

mock_provider "google" {
  source = "./tests/mocks"
}

mock_provider "time" {}

variables {
  project_id    = "test-project"
  region        = "europe-west4"
  functions_zip = null # make bundle may have left one
}

run "two_variables" {
  command = plan

  assert {
    condition     = length(google_cloudfunctions2_function.this) == 0 && length(google_pubsub_subscription.push) == 0
    error_message = "Without a zip there are no functions, and nothing that calls them."
  }

  assert {
    condition     = length(google_cloud_run_v2_worker_pool.worker) == 0 && length(google_cloud_run_v2_service.worker) == 0 && length(google_cloud_run_v2_service.autoscaler) == 0
    error_message = "Without an image there is no worker, and nothing that scales it."
  }

  assert {
    condition     = output.api_url == null && output.worker == null && output.vertex_endpoint == null
    error_message = "What is not there has no address."
  }

  assert {
    condition     = length(google_kms_crypto_key.this) == 0 && length(google_vertex_ai_endpoint.this) == 0 && length(google_billing_budget.this) == 0 && length(google_storage_bucket.models) == 0
    error_message = "Nothing optional is made unasked."
  }

  assert {
    condition     = length(google_compute_router.egress) == 0 && output.egress_address == null && output.front_door_address == null
    error_message = "There is no network and no front door unless one is asked for."
  }

  assert {
    condition     = length(setintersection(keys(google_project_service.api), ["parametermanager", "aiplatform", "cloudkms", "cloudtrace", "telemetry", "billingbudgets", "eventarc", "compute", "iap"])) == 0
    error_message = "Only the APIs that are used are switched on."
  }

  assert {
    condition     = alltrue([for api in google_project_service.api : api.disable_on_destroy == false])
    error_message = "Others may use the same APIs."
  }

  assert {
    condition     = length(google_monitoring_notification_channel.email) == 0
    error_message = "Alerts are sent to named addresses only."
  }

  assert {
    condition     = length(google_monitoring_alert_policy.query) == 0 && toset(keys(google_logging_metric.foreign)) == toset(["schedule_failures"])
    error_message = "What is not there is not watched for its silence."
  }

  assert {
    condition     = [for key in sort(keys(google_project_iam_member.this)) : key] == ["build/logging.logWriter"]
    error_message = "The only role on the project is the build's right to write its log."
  }

  assert {
    condition     = alltrue([for account in google_service_account.this : length(account.account_id) <= 30])
    error_message = "An account's id has 30 characters."
  }
}

run "everything" {
  command = apply

  variables {
    functions_zip         = "tests/functions.zip"
    worker_image          = "europe-west4-docker.pkg.dev/test-project/plantain-images/worker@sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
    accelerator           = "nvidia-l4"
    weights               = "bucket"
    models                = { klein = "/models/klein", starter = "worker/embedded_model" }
    default_model         = "klein"
    gemini                = true
    worker_max_instances  = 7
    worker_min_instances  = 1
    backlog_per_worker    = 4
    api_invokers          = ["group:callers@example.com"]
    api_keys              = true
    api_min_instances     = 1
    settings              = { PLANTAIN_LEASE_SECONDS = "20" }
    upload_origins        = ["https://studio.example.com"]
    input_buckets         = ["photographs"]
    retention_days        = { "uploads/api/" = 10, "results/" = 20, "jobs/jobs/" = 40, "jobs/inputs/" = 5, "jobs/checkpoints/" = 3 }
    content_credentials   = "kms"
    safety                = { classifier_location = "eu", text_classifier = "model_armor", model_armor_template = "projects/test-project/locations/europe-west4/templates/prompts" }
    soft_delete_days      = 14
    cmek                  = true
    watermark_key_version = 3
    vertex                = { endpoint_id = "42", models = ["klein"], batch = { model = "projects/demo/locations/europe-west4/models/42" } }
    tracing               = true
    alert_emails          = ["on-call@example.com"]
    alert_thresholds      = { oldest_message_seconds = 120, failure_ratio = 0.1, webhook_failures = 3, silent_minutes = 20, function_errors = 0.1 }
    slo                   = { deadline_share = 0.995, start_share = 0.96, start_seconds = 300 }
    budget                = { billing_account = "012345-6789AB-CDEF01", amount = 2000, currency = "EUR" }
    vpc                   = { network = "landing", subnetwork = "apps", egress = "all-traffic", tags = ["plantain"], fixed_address = true }
    front_door            = { domains = ["api.example.com", "pictures.example.com"], iap = true, cloud_armor = { requests_per_minute = 90, rules = ["sqli-v33-stable", "xss-v33-stable"] } }
  }

  # Who is who. ------------------------------------------------------------------------------------------

  assert {
    condition     = toset(keys(google_service_account.this)) == toset(["api", "uploads", "dispatch", "notify", "deliver", "remind", "dead_letter", "sweep", "worker", "build", "push", "schedule", "autoscaler"])
    error_message = "One account for each part."
  }

  assert {
    condition     = length(distinct([for account in google_service_account.this : account.account_id])) == 13
    error_message = "No two parts share an account."
  }

  assert {
    condition     = alltrue([for name, function in google_cloudfunctions2_function.this : function.service_config[0].service_account_email == google_service_account.this[name].email])
    error_message = "Each function runs as itself."
  }

  # On the project.

  assert {
    condition     = toset(keys(google_project_iam_member.this)) == toset(concat(["build/logging.logWriter", "autoscaler/monitoring.viewer", "autoscaler/parametermanager.parameterViewer", "dispatch/plantain_predictor", "uploads/plantain_batcher", "worker/plantain_predictor", "api/modelarmor.user", "uploads/modelarmor.user", "worker/modelarmor.user"], [for part in ["api", "uploads", "dispatch", "notify", "deliver", "remind", "dead_letter", "sweep", "worker"] : "${part}/cloudtrace.agent"]))
    error_message = "A role is granted on the project that a resource could take, or that is not needed."
  }

  assert {
    condition     = alltrue([for key, grant in google_project_iam_member.this : endswith(grant.role, "roles/${split("/", key)[1]}") && grant.member == google_service_account.this[split("/", key)[0]].member])
    error_message = "A role on the project goes to another account than its key says."
  }

  assert {
    condition     = google_project_iam_member.build_reads_source.condition[0].expression == "resource.name.startsWith(\"projects/_/buckets/gcf-v2-sources-123456789012-europe-west4\")"
    error_message = "The build reads the bucket of functions' sources and no other."
  }

  assert {
    condition = (
      length([for file in fileset(path.module, "*.tf") : file if strcontains(file("${path.module}/${file}"), "resource \"google_project_iam_member\"")]) == 1
      && length(regexall("resource \"google_project_iam_member\"", file("${path.module}/service_accounts.tf"))) == 2
    )
    error_message = "Roles on the project stand in service_accounts.tf, in one list and one condition: what is granted elsewhere is not seen here."
  }

  assert {
    condition     = alltrue([for file in fileset(path.module, "*.tf") : length(regexall("resource \"google_[a-z0-9_]+_iam_(policy|binding)\"", file("${path.module}/${file}"))) == 0])
    error_message = "Policies and bindings take away what others were granted: members only."
  }

  # Buckets.

  assert {
    condition     = toset([for grant in google_storage_bucket_iam_member.access : "${grant.role} ${ { for part, account in google_service_account.this : account.member => part }[grant.member]}" if grant.bucket == google_storage_bucket.uploads.name]) == toset(["roles/storage.objectViewer api", "roles/storage.objectViewer uploads", "roles/storage.objectViewer sweep", "roles/storage.objectViewer worker"])
    error_message = "Uploads are read by the services that look at pictures, and written by none."
  }

  assert {
    condition     = google_storage_bucket_iam_member.api_uploads.member == google_service_account.this["api"].member && google_storage_bucket_iam_member.api_uploads.role == "roles/storage.objectCreator"
    error_message = "Uploads through the API are written by its signature."
  }

  assert {
    condition     = google_storage_bucket_iam_member.api_uploads.condition[0].expression == "resource.name.startsWith(\"projects/_/buckets/test-project-plantain-uploads/objects/api/\")"
    error_message = "It may write under api/ alone: what lies elsewhere starts jobs."
  }

  assert {
    condition     = toset([for grant in google_storage_bucket_iam_member.removes_uploads : { for part, account in google_service_account.this : account.member => part }[grant.member]]) == toset(["api", "sweep"]) && alltrue([for grant in google_storage_bucket_iam_member.removes_uploads : grant.role == google_project_iam_custom_role.remover.name]) && google_project_iam_custom_role.remover.permissions == toset(["storage.objects.delete"])
    error_message = "Uploads are removed with their job, by a role that does nothing else."
  }

  assert {
    condition     = toset([for grant in google_storage_bucket_iam_member.access : "${grant.role} ${ { for part, account in google_service_account.this : account.member => part }[grant.member]}" if grant.bucket == google_storage_bucket.results.name]) == toset(["roles/storage.objectUser api", "roles/storage.objectUser dispatch", "roles/storage.objectUser notify", "roles/storage.objectUser dead_letter", "roles/storage.objectUser sweep", "roles/storage.objectUser worker", "roles/storage.objectViewer deliver", "roles/storage.objectViewer uploads", "roles/storage.objectCreator uploads", "${google_project_iam_custom_role.remover.name} uploads"])
    error_message = "The services that end a job write its manifest and tidy; uploads overwrites none."
  }

  assert {
    condition     = toset([for grant in google_storage_bucket_iam_member.access : "${grant.role} ${ { for part, account in google_service_account.this : account.member => part }[grant.member]}" if grant.bucket == google_storage_bucket.jobs.name]) == toset([for part in ["api", "uploads", "dispatch", "notify", "deliver", "remind", "dead_letter", "sweep", "worker"] : "roles/storage.objectUser ${part}"])
    error_message = "Records are compared and set by the services that move a job, and by no other."
  }

  assert {
    condition     = toset([for grant in google_storage_bucket_iam_member.access : "${grant.role} ${ { for part, account in google_service_account.this : account.member => part }[grant.member]}" if grant.bucket == google_storage_bucket.source.name]) == toset(["roles/storage.objectViewer build"])
    error_message = "The source is read by the build."
  }

  assert {
    condition     = length(google_storage_bucket_iam_member.access) == 4 + 10 + 9 + 1 + 1 + 2 + 3
    error_message = "There is a grant on a bucket that none of the sets above knows."
  }

  # Topics and subscriptions.

  assert {
    condition     = toset([for grant in google_pubsub_topic_iam_member.publisher : { for part, account in google_service_account.this : account.member => part }[grant.member] if grant.topic == google_pubsub_topic.jobs["gpu"].id]) == toset(["api", "uploads", "sweep"])
    error_message = "Jobs are queued by those that admit them, and again by sweep."
  }

  assert {
    condition     = toset([for grant in google_pubsub_topic_iam_member.publisher : { for part, account in google_service_account.this : account.member => part }[grant.member] if grant.topic == google_pubsub_topic.jobs["remote"].id]) == toset(["api", "uploads", "sweep"])
    error_message = "The remote lane's queue is written by the same."
  }

  assert {
    condition     = toset([for grant in google_pubsub_topic_iam_member.publisher : { for part, account in google_service_account.this : account.member => part }[grant.member] if grant.topic == google_pubsub_topic.events.id]) == toset(["api", "notify", "sweep"])
    error_message = "Events are told by notify, by sweep where notify did not, and by the API before it deletes what ended."
  }

  assert {
    condition     = toset([for grant in google_pubsub_topic_iam_member.publisher : { for part, account in google_service_account.this : account.member => part }[grant.member] if grant.topic == google_pubsub_topic.jobs["gpu-low"].id]) == toset(["api", "uploads", "sweep"])
    error_message = "Jobs of low priority are queued by the same as others."
  }

  assert {
    condition     = toset([for grant in google_pubsub_topic_iam_member.publisher : { for part, account in google_service_account.this : account.member => part }[grant.member] if grant.topic == google_pubsub_topic.webhooks["webhooks"].id]) == toset(["api", "notify", "deliver", "sweep", "remind"])
    error_message = "Deliveries are queued by those that tell of an end, and when they are due."
  }

  assert {
    condition     = toset([for grant in google_pubsub_topic_iam_member.publisher : { for part, account in google_service_account.this : account.member => part }[grant.member] if grant.topic == google_pubsub_topic.webhooks["webhook-reminders"].id]) == toset(["api", "notify", "deliver", "sweep"])
    error_message = "Deliveries are reminded of by those that know when they are due."
  }

  assert {
    condition     = toset([for grant in google_pubsub_topic_iam_member.publisher : { for part, account in google_service_account.this : account.member => part }[grant.member] if grant.topic == google_pubsub_topic.dead_letter["jobs"].id]) == toset(["worker"])
    error_message = "The worker sets unreadable messages aside; besides it only Pub/Sub gives up on messages."
  }

  assert {
    condition     = length(google_pubsub_topic_iam_member.publisher) == 3 + 3 + 3 + 3 + 9 + 1 && alltrue([for grant in google_pubsub_topic_iam_member.publisher : grant.role == "roles/pubsub.publisher"])
    error_message = "There is a grant on a topic that none of the sets above knows, or one of another role."
  }

  assert {
    condition     = google_pubsub_subscription_iam_member.worker_pulls.role == "roles/pubsub.subscriber" && google_pubsub_subscription_iam_member.worker_pulls.member == google_service_account.this["worker"].member && google_pubsub_subscription_iam_member.worker_pulls.subscription == google_pubsub_subscription.worker.id
    error_message = "The worker pulls from its own subscription."
  }

  assert {
    condition     = google_pubsub_subscription_iam_member.worker_pulls_low.role == "roles/pubsub.subscriber" && google_pubsub_subscription_iam_member.worker_pulls_low.member == google_service_account.this["worker"].member && google_pubsub_subscription_iam_member.worker_pulls_low.subscription == google_pubsub_subscription.worker_low.id
    error_message = "The worker pulls jobs of low priority from a subscription of their own."
  }

  # Secrets.

  assert {
    condition     = toset([for grant in google_secret_manager_secret_iam_member.reader : { for part, account in google_service_account.this : account.member => part }[grant.member] if grant.secret_id == google_secret_manager_secret.this["webhook-secret"].id]) == toset(["api", "uploads", "deliver", "sweep"]) && toset([for grant in google_secret_manager_secret_iam_member.reader : { for part, account in google_service_account.this : account.member => part }[grant.member] if grant.secret_id == google_secret_manager_secret.this["webhook-secrets"].id]) == toset(["api", "deliver", "sweep"])
    error_message = "The webhook secrets are for those that sign or show an owner its own; uploads checks whether there is one."
  }

  assert {
    condition     = toset([for grant in google_secret_manager_secret_iam_member.reader : { for part, account in google_service_account.this : account.member => part }[grant.member] if contains([for secret in ["watermark-key", "watermark-retired-keys", "credentials-chain"] : google_secret_manager_secret.this[secret].id], grant.secret_id)]) == toset(["worker"])
    error_message = "What marks and signs is the worker's alone."
  }

  assert {
    condition     = length(google_secret_manager_secret_iam_member.reader) == 12 && google_secret_manager_secret_iam_member.reader["api-keys/api"].secret_id == google_secret_manager_secret.this["api-keys"].id && alltrue([for grant in google_secret_manager_secret_iam_member.reader : grant.role == "roles/secretmanager.secretAccessor"])
    error_message = "A secret is read by an account that none of the sets above knows, or more than read."
  }

  # Who may call, and who may act as whom.

  assert {
    condition     = toset(keys(google_cloud_run_v2_service_iam_member.push)) == toset(["uploads", "notify", "dispatch", "deliver", "remind", "dead_letter"]) && alltrue([for grant in google_cloud_run_v2_service_iam_member.push : grant.role == "roles/run.invoker" && grant.member == google_service_account.this["push"].member])
    error_message = "Pub/Sub calls the six functions that take messages: neither the API nor sweep."
  }

  assert {
    condition     = google_cloud_run_v2_service_iam_member.sweep[0].member == google_service_account.this["schedule"].member && google_cloud_run_v2_service_iam_member.sweep[0].role == "roles/run.invoker" && google_cloud_run_v2_service_iam_member.sweep[0].name == "plantain-sweep"
    error_message = "Cloud Scheduler calls sweep."
  }

  assert {
    condition     = google_service_account_iam_member.pubsub_signs.role == "roles/iam.serviceAccountOpenIdTokenCreator" && google_service_account_iam_member.pubsub_signs.service_account_id == google_service_account.this["push"].name
    error_message = "Pub/Sub makes identity tokens of the push account: of no other account, and no access tokens."
  }

  assert {
    condition     = google_service_account_iam_member.api_signs.service_account_id == google_service_account.this["api"].name && google_service_account_iam_member.api_signs.member == google_service_account.this["api"].member
    error_message = "The API signs addresses as itself and as no other account."
  }

  assert {
    condition     = google_artifact_registry_repository_iam_member.build_writes.repository == google_artifact_registry_repository.this["functions"].name && google_artifact_registry_repository_iam_member.build_writes.role == "roles/artifactregistry.writer"
    error_message = "The build writes images of functions: the worker's are pushed by people."
  }

  # No role is granted to all users.

  assert {
    condition     = [for file in fileset(path.module, "*.tf") : file if strcontains(file("${path.module}/${file}"), "allUsers") || strcontains(file("${path.module}/${file}"), "allAuthenticatedUsers")] == ["front_door.tf"] && length(regexall("allUsers|allAuthenticatedUsers", file("${path.module}/front_door.tf"))) == 1
    error_message = "There is a public member, beside that of api_public."
  }

  assert {
    condition     = alltrue([for file in fileset(path.module, "*.tf") : length(regexall("roles/(owner|editor|viewer|storage\\.admin|storage\\.objectAdmin|pubsub\\.admin|pubsub\\.editor|run\\.admin|aiplatform\\.user|secretmanager\\.admin|iam\\.serviceAccountKeyAdmin)\"", file("${path.module}/${file}"))) == 0])
    error_message = "There is a role that reaches further than anything here needs."
  }

  assert {
    condition     = toset([for grant in google_storage_bucket_iam_member.access : "${grant.role} ${ { for part, account in google_service_account.this : account.member => part }[grant.member]}" if grant.bucket == "photographs"]) == toset(["roles/storage.objectViewer api", "roles/storage.objectViewer uploads", "roles/storage.objectViewer worker"])
    error_message = "Further buckets are read, and read only."
  }

  assert {
    condition     = google_cloudfunctions2_function.this["api"].service_config[0].environment_variables["PLANTAIN_INPUT_BUCKETS"] == "[\"photographs\"]"
    error_message = "Functions are told of them."
  }

  # Buckets. ---------------------------------------------------------------------------------------------

  assert {
    condition     = alltrue([for bucket in [google_storage_bucket.uploads, google_storage_bucket.results, google_storage_bucket.jobs, google_storage_bucket.source, google_storage_bucket.models[0], google_storage_bucket.compiled[0]] : bucket.uniform_bucket_level_access == true])
    error_message = "A bucket lets single objects have policies of their own."
  }

  assert {
    condition     = alltrue([for bucket in [google_storage_bucket.uploads, google_storage_bucket.results, google_storage_bucket.jobs, google_storage_bucket.source, google_storage_bucket.models[0], google_storage_bucket.compiled[0]] : bucket.public_access_prevention == "enforced"])
    error_message = "A bucket could be made public."
  }

  assert {
    condition     = alltrue([for bucket in [google_storage_bucket.uploads, google_storage_bucket.results, google_storage_bucket.jobs, google_storage_bucket.source, google_storage_bucket.models[0]] : bucket.force_destroy == false])
    error_message = "A bucket with something in it would be destroyed."
  }

  assert {
    condition     = alltrue([for bucket in [google_storage_bucket.uploads, google_storage_bucket.results, google_storage_bucket.jobs, google_storage_bucket.source, google_storage_bucket.models[0], google_storage_bucket.compiled[0]] : bucket.location == "europe-west4"])
    error_message = "Everything is stored in the region."
  }

  assert {
    condition     = length(distinct([google_storage_bucket.uploads.name, google_storage_bucket.results.name, google_storage_bucket.jobs.name])) == 3
    error_message = "A bucket would trigger itself."
  }

  assert {
    condition     = output.buckets.models == "test-project-plantain-models" && google_storage_bucket_iam_member.access["models/worker"].role == "roles/storage.objectViewer"
    error_message = "The worker reads the models and cannot change them."
  }

  assert {
    condition     = toset([for grant in google_storage_bucket_iam_member.access : "${grant.role} ${ { for part, account in google_service_account.this : account.member => part }[grant.member]}" if grant.bucket == google_storage_bucket.compiled[0].name]) == toset(["roles/storage.objectViewer worker", "roles/storage.objectCreator worker"])
    error_message = "Compiled code is run by the worker: it alone reads and adds, and no account replaces what is there."
  }

  assert {
    condition     = [for rule in google_storage_bucket.results.lifecycle_rule : one(rule.condition).age if one(rule.action).type == "Delete"] == [20]
    error_message = "Results are kept as long as was asked."
  }

  assert {
    condition     = [for rule in google_storage_bucket.jobs.lifecycle_rule : one(rule.condition).age if contains(coalesce(one(rule.condition).matches_prefix, []), "jobs/")] == [40]
    error_message = "Records are kept as long as was asked."
  }

  assert {
    condition     = [for rule in google_storage_bucket.jobs.lifecycle_rule : one(rule.condition).age if contains(coalesce(one(rule.condition).matches_prefix, []), "inputs/")] == [5]
    error_message = "Inputs are kept as long as was asked."
  }

  assert {
    condition     = alltrue([for rule in google_storage_bucket.jobs.lifecycle_rule : one(rule.action).type != "Delete" || length(coalesce(one(rule.condition).matches_prefix, [])) > 0])
    error_message = "A rule would delete markers of open jobs, or marks that lead back to them."
  }

  assert {
    condition     = length([for rule in google_storage_bucket.jobs.lifecycle_rule : rule if length(setintersection(coalesce(one(rule.condition).matches_prefix, []), ["open/", "marks/"])) > 0]) == 0
    error_message = "Markers of open jobs go when the job has ended, and never by age; marks must lead back as long as pictures exist."
  }

  assert {
    condition     = [for rule in google_storage_bucket.jobs.lifecycle_rule : one(rule.condition).age if contains(coalesce(one(rule.condition).matches_prefix, []), "checkpoints/")] == [3]
    error_message = "A checkpoint outlives its job by days at most."
  }

  assert {
    condition     = [for rule in google_storage_bucket.uploads.lifecycle_rule : "${one(rule.condition).age} ${one(one(rule.condition).matches_prefix)}" if one(rule.action).type == "Delete"] == ["10 api/", "2 api/sessions/"]
    error_message = "Uploads through the API are kept as long as was asked; recipes are removed by people only."
  }

  assert {
    condition     = google_cloudfunctions2_function.this["sweep"].service_config[0].environment_variables["PLANTAIN_RETENTION_DAYS"] == jsonencode(var.retention_days)
    error_message = "Functions know how long things are kept."
  }

  assert {
    condition     = google_storage_bucket.uploads.soft_delete_policy[0].retention_duration_seconds == 1209600 && google_storage_bucket.results.soft_delete_policy[0].retention_duration_seconds == 1209600
    error_message = "What was deleted by mistake can be restored for as long as was asked."
  }

  assert {
    condition     = google_storage_bucket.jobs.soft_delete_policy[0].retention_duration_seconds == 0
    error_message = "Every write of every record would be kept, and paid for."
  }

  assert {
    condition     = google_storage_bucket.uploads.cors[0].origin == tolist(["https://studio.example.com"]) && google_storage_bucket.uploads.cors[0].method == tolist(["PUT"])
    error_message = "Named origins may PUT, and do nothing else."
  }

  assert {
    condition     = length(google_storage_bucket.results.cors) == 0 && length(google_storage_bucket.jobs.cors) == 0
    error_message = "Only uploads come from pages."
  }

  # Messages. --------------------------------------------------------------------------------------------

  assert {
    condition     = toset(keys(google_pubsub_subscription.push)) == toset(["uploads", "notify", "dispatch", "deliver", "remind", "dead_letter"])
    error_message = "Six functions take messages."
  }

  assert {
    condition = { for hop, subscription in google_pubsub_subscription.push : hop => subscription.topic } == {
      uploads     = google_pubsub_topic.storage["uploads"].id
      notify      = google_pubsub_topic.storage["results"].id
      dispatch    = google_pubsub_topic.jobs["remote"].id
      dead_letter = google_pubsub_topic.dead_letter["jobs"].id
      deliver     = google_pubsub_topic.webhooks["webhooks"].id
      remind      = google_pubsub_topic.webhooks["webhook-reminders"].id
    }
    error_message = "A function listens to another topic than its own."
  }

  assert {
    condition     = alltrue([for hop, subscription in google_pubsub_subscription.push : subscription.push_config[0].push_endpoint == "${google_cloudfunctions2_function.this[hop].service_config[0].uri}/${subscription.topic}"])
    error_message = "Messages are pushed to the function's own address, and say in the path where they come from."
  }

  assert {
    condition     = alltrue([for hop, subscription in google_pubsub_subscription.push : subscription.push_config[0].oidc_token[0].service_account_email == google_service_account.this["push"].email && subscription.push_config[0].oidc_token[0].audience == google_cloudfunctions2_function.this[hop].service_config[0].uri])
    error_message = "Every push carries an identity token for that function."
  }

  assert {
    condition     = alltrue([for hop, subscription in google_pubsub_subscription.push : subscription.ack_deadline_seconds >= min(600, google_cloudfunctions2_function.this[hop].service_config[0].timeout_seconds)])
    error_message = "A message comes again while the function still works on it."
  }

  assert {
    condition     = google_pubsub_subscription.worker.topic == google_pubsub_topic.jobs["gpu"].id && google_pubsub_subscription.worker.enable_exactly_once_delivery == true && length(google_pubsub_subscription.worker.push_config) == 0
    error_message = "The worker pulls, with acks that count."
  }

  assert {
    condition     = google_pubsub_subscription.worker_low.topic == google_pubsub_topic.jobs["gpu-low"].id && google_pubsub_subscription.worker_low.enable_exactly_once_delivery == true && google_pubsub_subscription.worker_low.ack_deadline_seconds == google_pubsub_subscription.worker.ack_deadline_seconds
    error_message = "Jobs of low priority wait on a subscription of their own, which is like the other one."
  }

  assert {
    condition     = { for hop, subscription in google_pubsub_subscription.push : hop => subscription.enable_message_ordering if coalesce(subscription.enable_message_ordering, false) } == { deliver = true }
    error_message = "Deliveries go to one receiver after the other, and nothing else is ordered."
  }

  assert {
    condition     = strcontains(google_pubsub_subscription.push["uploads"].filter, "\"api/\"") && strcontains(google_pubsub_subscription.push["uploads"].filter, "\"recipes/\"")
    error_message = "Uploads for requests, and recipes, start nothing."
  }

  assert {
    condition     = alltrue([for subscription in concat([google_pubsub_subscription.worker, google_pubsub_subscription.worker_low], values(google_pubsub_subscription.push), values(google_pubsub_subscription.kept)) : subscription.expiration_policy[0].ttl == ""])
    error_message = "A quiet month must not delete a subscription."
  }

  assert {
    condition     = alltrue([for subscription in concat([google_pubsub_subscription.worker, google_pubsub_subscription.worker_low], values(google_pubsub_subscription.push)) : subscription.message_retention_duration == "604800s"])
    error_message = "Messages wait for a week."
  }

  assert {
    condition     = alltrue([for subscription in concat([google_pubsub_subscription.worker, google_pubsub_subscription.worker_low], values(google_pubsub_subscription.push)) : tonumber(trimsuffix(subscription.retry_policy[0].minimum_backoff, "s")) >= 5 && tonumber(trimsuffix(subscription.retry_policy[0].maximum_backoff, "s")) <= 600])
    error_message = "What fails is tried again after a while, and again at least every ten minutes."
  }

  # Dead letters. ----------------------------------------------------------------------------------------

  assert {
    condition     = alltrue([for subscription in concat([google_pubsub_subscription.worker, google_pubsub_subscription.worker_low], values(google_pubsub_subscription.push)) : length(subscription.dead_letter_policy) == 1])
    error_message = "A subscription has no dead letter."
  }

  assert {
    condition     = alltrue([for subscription in concat([google_pubsub_subscription.worker, google_pubsub_subscription.worker_low], values(google_pubsub_subscription.push)) : subscription.dead_letter_policy[0].max_delivery_attempts >= 5 && subscription.dead_letter_policy[0].max_delivery_attempts <= 100])
    error_message = "Pub/Sub takes 5 to 100 attempts."
  }

  assert {
    condition = merge({ worker = google_pubsub_subscription.worker.dead_letter_policy[0].dead_letter_topic, worker_low = google_pubsub_subscription.worker_low.dead_letter_policy[0].dead_letter_topic }, { for hop, subscription in google_pubsub_subscription.push : hop => subscription.dead_letter_policy[0].dead_letter_topic }) == {
      worker      = google_pubsub_topic.dead_letter["jobs"].id
      dispatch    = google_pubsub_topic.dead_letter["jobs"].id
      uploads     = google_pubsub_topic.dead_letter["uploads"].id
      notify      = google_pubsub_topic.dead_letter["notify"].id
      dead_letter = google_pubsub_topic.dead_letter["dead_letter"].id
      deliver     = google_pubsub_topic.dead_letter["deliver"].id
      remind      = google_pubsub_topic.dead_letter["remind"].id
      worker_low  = google_pubsub_topic.dead_letter["jobs"].id
    }
    error_message = "A message is given up to the wrong place: jobs to where they are ended, the rest to where it is kept."
  }

  assert {
    condition     = alltrue([for hop, topic in google_pubsub_topic.dead_letter : contains(concat(values(google_pubsub_subscription.kept)[*].topic, values(google_pubsub_subscription.push)[*].topic), topic.id)])
    error_message = "A dead letter without a subscription loses what is given up."
  }

  assert {
    condition     = alltrue([for subscription in concat([google_pubsub_subscription.worker, google_pubsub_subscription.worker_low], values(google_pubsub_subscription.push)) : subscription.dead_letter_policy[0].dead_letter_topic != subscription.topic])
    error_message = "A message is given up to where it came from."
  }

  assert {
    condition     = toset([for grant in google_pubsub_topic_iam_member.agent_forwards : "${grant.topic} ${grant.role} ${grant.member}"]) == toset([for topic in google_pubsub_topic.dead_letter : "${topic.id} roles/pubsub.publisher serviceAccount:service-123456789012@gcp-sa-pubsub.iam.gserviceaccount.com"])
    error_message = "Pub/Sub's agent may not publish to a dead letter: then nothing is ever given up, and nothing is said."
  }

  assert {
    condition     = toset([for grant in google_pubsub_subscription_iam_member.agent_takes : "${grant.subscription} ${grant.role} ${grant.member}"]) == toset([for subscription in concat([google_pubsub_subscription.worker, google_pubsub_subscription.worker_low], values(google_pubsub_subscription.push)) : "${subscription.id} roles/pubsub.subscriber serviceAccount:service-123456789012@gcp-sa-pubsub.iam.gserviceaccount.com"])
    error_message = "Pub/Sub's agent may not take a message out of a subscription that gives it up."
  }

  assert {
    condition     = alltrue([for subscription in google_pubsub_subscription.kept : subscription.message_retention_duration == "2678400s"])
    error_message = "What was given up is kept for a month."
  }

  assert {
    condition     = alltrue([for file in fileset(path.module, "*.tf") : length(regexall("resource \"google_pubsub_subscription\" ", file("${path.module}/${file}"))) == (file == "pubsub.tf" ? 4 : 0)]) && alltrue([for file in fileset(path.module, "*.tf") : !strcontains(file("${path.module}/${file}"), "event_trigger {")])
    error_message = "There is a subscription, or a trigger that makes one, which these tests do not see."
  }

  assert {
    condition     = { for name, notification in google_storage_notification.this : name => notification.bucket } == { uploads = "test-project-plantain-uploads", results = "test-project-plantain-results", batches = "test-project-plantain-jobs" }
    error_message = "Uploads and results tell of what is written to them; the jobs bucket does not."
  }

  assert {
    condition     = google_storage_notification.this["batches"].object_name_prefix == "batches/" && alltrue([for name, notification in google_storage_notification.this : notification.topic == google_pubsub_topic.storage[name == "batches" ? "uploads" : name].id && notification.payload_format == "JSON_API_V1" && notification.event_types == toset(["OBJECT_FINALIZE"])])
    error_message = "Each bucket tells its own topic, of finished objects, with all that is known of them."
  }

  assert {
    condition     = toset([for grant in google_pubsub_topic_iam_member.storage_agent : "${grant.topic} ${grant.role} ${grant.member}"]) == toset([for topic in google_pubsub_topic.storage : "${topic.id} roles/pubsub.publisher serviceAccount:service-123456789012@gs-project-accounts.iam.gserviceaccount.com"])
    error_message = "Cloud Storage's agent publishes to these two topics, and on no project."
  }

  assert {
    condition     = google_pubsub_topic.events.message_retention_duration == "604800s"
    error_message = "Events are kept for a week."
  }

  # Functions. -------------------------------------------------------------------------------------------

  assert {
    condition     = toset([for name, function in google_cloudfunctions2_function.this : function.build_config[0].entry_point]) == toset(["api", "uploads", "dispatch", "notify", "deliver", "remind", "dead_letter", "sweep"])
    error_message = "Eight functions."
  }

  assert {
    condition     = google_storage_bucket_object.functions[0].name == "functions/${filesha256("tests/functions.zip")}.zip" && alltrue([for function in google_cloudfunctions2_function.this : function.build_config[0].source[0].storage_source[0].object == google_storage_bucket_object.functions[0].name])
    error_message = "All are made from one zip, which is named by its hash."
  }

  assert {
    condition     = alltrue([for function in google_cloudfunctions2_function.this : function.build_config[0].service_account == google_service_account.this["build"].id && function.build_config[0].docker_repository == google_artifact_registry_repository.this["functions"].id])
    error_message = "Functions are built by the build account, into a repository of our own."
  }

  assert {
    condition     = alltrue([for function in google_cloudfunctions2_function.this : function.service_config[0].max_instance_count >= 1 && function.service_config[0].max_instance_count <= 20])
    error_message = "A function may start more instances than was allowed."
  }

  assert {
    condition     = google_cloudfunctions2_function.this["sweep"].service_config[0].max_instance_count == 1 && google_cloudfunctions2_function.this["sweep"].service_config[0].max_instance_request_concurrency == 1
    error_message = "Two sweeps at once do the same work twice."
  }

  assert {
    condition     = google_cloudfunctions2_function.this["api"].service_config[0].min_instance_count == 1
    error_message = "The API is kept warm where that is asked for."
  }

  assert {
    condition     = alltrue([for function in google_cloudfunctions2_function.this : function.service_config[0].max_instance_request_concurrency == 1 || tonumber(function.service_config[0].available_cpu) >= 1])
    error_message = "Cloud Run refuses concurrency on less than a CPU."
  }

  assert {
    condition     = { for name, function in google_cloudfunctions2_function.this : name => function.service_config[0].environment_variables["THREADS"] } == { for name, function in google_cloudfunctions2_function.this : name => tostring(function.service_config[0].max_instance_request_concurrency) }
    error_message = "A function has a thread for each request that Cloud Run sends it at once."
  }

  assert {
    condition     = google_cloudfunctions2_function.this["api"].service_config[0].available_memory == "2Gi" && google_cloudfunctions2_function.this["api"].service_config[0].environment_variables["PLANTAIN_MEMORY_BYTES"] == tostring(1254 * 1024 * 1024) && google_cloudfunctions2_function.this["notify"].service_config[0].environment_variables["PLANTAIN_MEMORY_BYTES"] == tostring(179 * 1024 * 1024)
    error_message = "A function's pictures take at most seven tenths of what its process leaves of its memory."
  }

  assert {
    condition     = { for name, function in google_cloudfunctions2_function.this : name => toset([for secret in function.service_config[0].secret_environment_variables : "${secret.key} ${secret.secret}"]) } == { api = toset(["PLANTAIN_WEBHOOK_SECRET plantain-webhook-secret", "PLANTAIN_WEBHOOK_SECRETS plantain-webhook-secrets"]), uploads = toset(["PLANTAIN_WEBHOOK_SECRET plantain-webhook-secret"]), dispatch = toset([]), notify = toset([]), deliver = toset(["PLANTAIN_WEBHOOK_SECRET plantain-webhook-secret", "PLANTAIN_WEBHOOK_SECRETS plantain-webhook-secrets"]), remind = toset([]), dead_letter = toset([]), sweep = toset(["PLANTAIN_WEBHOOK_SECRET plantain-webhook-secret", "PLANTAIN_WEBHOOK_SECRETS plantain-webhook-secrets"]) }
    error_message = "Each function is given the secrets that it may read, and no others."
  }

  assert {
    condition     = { for name, function in google_cloudfunctions2_function.this : name => [for volume in function.service_config[0].secret_volumes : "${volume.secret} ${volume.versions[0].version} ${volume.mount_path}/${volume.versions[0].path}"] if length(function.service_config[0].secret_volumes) > 0 } == { for name in ["api", "uploads"] : name => ["plantain-api-keys latest ${google_cloudfunctions2_function.this[name].service_config[0].environment_variables["PLANTAIN_API_KEYS_FILE"]}"] }
    error_message = "What makes jobs reads the newest list of keys, from the file that it is told of."
  }

  assert {
    condition     = alltrue([for function in google_cloudfunctions2_function.this : length(setintersection(keys(function.service_config[0].environment_variables), ["PLANTAIN_WEBHOOK_SECRET", "PLANTAIN_API_KEYS", "PLANTAIN_WATERMARK_KEY"])) == 0])
    error_message = "A secret stands in plain sight."
  }

  assert {
    condition     = alltrue([for function in google_cloudfunctions2_function.this : length(setsubtract(["PLANTAIN_PROJECT", "PLANTAIN_UPLOADS_BUCKET", "PLANTAIN_RESULTS_BUCKET", "PLANTAIN_JOBS_BUCKET", "PLANTAIN_JOBS_TOPIC", "PLANTAIN_EVENTS_TOPIC", "PLANTAIN_DEAD_LETTER_TOPIC", "PLANTAIN_MODELS", "PLANTAIN_DEFAULT_MODEL", "PLANTAIN_LEASE_SECONDS"], keys(function.service_config[0].environment_variables))) == 0])
    error_message = "A function is not told where things are."
  }

  assert {
    condition     = alltrue([for function in google_cloudfunctions2_function.this : function.service_config[0].environment_variables["PLANTAIN_PROFILE"] == "production"])
    error_message = "In the cloud everybody proves who they are."
  }

  assert {
    condition     = { for name, function in google_cloudfunctions2_function.this : name => function.service_config[0].environment_variables["PLANTAIN_INVOKER_CHECK"] if contains(keys(function.service_config[0].environment_variables), "PLANTAIN_INVOKER_CHECK") } == { api = "true" }
    error_message = "The API is not told that Cloud Run checks who calls."
  }

  assert {
    condition     = google_cloudfunctions2_function.this["api"].service_config[0].environment_variables["PLANTAIN_SIGNING_ACCOUNT"] == google_service_account.this["api"].email && alltrue([for name, function in google_cloudfunctions2_function.this : name == "api" || !contains(keys(function.service_config[0].environment_variables), "PLANTAIN_SIGNING_ACCOUNT")])
    error_message = "The API signs addresses, as itself."
  }

  assert {
    condition     = google_cloud_scheduler_job.sweep[0].schedule == "* * * * *" && google_cloud_scheduler_job.sweep[0].http_target[0].uri == google_cloudfunctions2_function.this["sweep"].service_config[0].uri && google_cloud_scheduler_job.sweep[0].http_target[0].oidc_token[0].service_account_email == google_service_account.this["schedule"].email
    error_message = "Every minute sweep is called, by an account that may."
  }

  # Secrets. ---------------------------------------------------------------------------------------------

  assert {
    condition     = toset(keys(google_secret_manager_secret_version.watermark_key)) == toset(["1", "2", "3"]) && alltrue([for version in google_secret_manager_secret_version.watermark_key : version.deletion_policy == "ABANDON"])
    error_message = "Every version of the watermark's key is kept: pictures that it marked are still about."
  }

  assert {
    condition     = alltrue([for version in google_secret_manager_secret_version.watermark_key : can(regex("^[0-9a-f]{64}$", version.secret_data_wo))]) && length(distinct([for version in google_secret_manager_secret_version.watermark_key : version.secret_data_wo])) == 3
    error_message = "A watermark's key is 64 hexadecimal digits, and each version another."
  }

  assert {
    condition     = can(regex("^whsec_[A-Za-z0-9+/]{43}=$", google_secret_manager_secret_version.webhook_secret.secret_data_wo))
    error_message = "A webhook secret is whsec_ and 32 bytes in base64."
  }

  assert {
    condition     = alltrue([for file in fileset(path.module, "*.tf") : length(regexall("\\n\\s+secret_data\\s*=", file("${path.module}/${file}"))) == 0])
    error_message = "secret_data would be in the state: use secret_data_wo."
  }

  assert {
    condition     = toset(keys(google_secret_manager_secret_version.empty)) == toset(["watermark-retired-keys", "webhook-secrets", "api-keys"]) && alltrue([for version in google_secret_manager_secret_version.empty : version.secret_data_wo == "{}"])
    error_message = "There are no API keys before one is added, and no retired keys before a rotation."
  }

  assert {
    condition     = alltrue([for secret in google_secret_manager_secret.this : one(secret.replication[0].user_managed[0].replicas).location == "europe-west4" && secret.deletion_protection == true])
    error_message = "Secrets stay in the region, and are not deleted by mistake."
  }

  # The worker, in a pool. -------------------------------------------------------------------------------

  assert {
    condition     = length(google_cloud_run_v2_worker_pool.worker) == 1 && length(google_cloud_run_v2_service.worker) == 0
    error_message = "There is one worker, and it is a pool."
  }

  assert {
    condition     = can(regex("@sha256:[0-9a-f]{64}$", google_cloud_run_v2_worker_pool.worker[0].template[0].containers[0].image))
    error_message = "The image is named by its digest."
  }

  assert {
    condition     = google_cloud_run_v2_worker_pool.worker[0].template[0].service_account == google_service_account.this["worker"].email
    error_message = "The worker runs as itself."
  }

  assert {
    condition     = google_cloud_run_v2_worker_pool.worker[0].template[0].node_selector[0].accelerator == "nvidia-l4" && google_cloud_run_v2_worker_pool.worker[0].template[0].containers[0].resources[0].limits == tomap({ cpu = "8", memory = "32Gi", "nvidia.com/gpu" = "1" })
    error_message = "An L4, and what goes with it."
  }

  assert {
    condition     = toset(keys(time_sleep.metrics.triggers)) == toset(concat(keys(google_logging_metric.counter), keys(google_logging_metric.distribution), keys(google_logging_metric.foreign))) && time_sleep.metrics.create_duration == "600s"
    error_message = "An alert waits until its metrics are known, those of a later apply too."
  }

  # What depends on what is not in the plan: it is read from the files.
  assert {
    condition     = alltrue([for file, waits in { functions = ["key_grants", "roles"], worker = ["key_grants", "roles"], autoscaler = ["roles"], alerts = ["metrics"], silence = ["metrics"], slo = ["metrics"], secrets = ["key_grants"], artifact_registry = ["key_grants"], vertex = ["key_grants"] } : alltrue([for wait in waits : strcontains(file("${path.module}/${file}.tf"), "time_sleep.${wait}")])])
    error_message = "What needs a wait has it."
  }

  assert {
    condition     = toset(keys(time_sleep.roles.triggers)) == toset(keys(google_service_account.this)) && time_sleep.roles.create_duration == "90s"
    error_message = "What runs waits until its account has its roles, that of a later apply too."
  }

  assert {
    condition     = toset(keys(time_sleep.key_grants[0].triggers)) == toset(keys(google_kms_crypto_key_iam_member.agent)) && time_sleep.key_grants[0].create_duration == "60s"
    error_message = "What is encrypted waits until the service agents may use the key."
  }

  assert {
    condition     = [for env in google_cloud_run_v2_worker_pool.worker[0].template[0].containers[0].env : env.value if env.name == "PLANTAIN_DEVICE"] == ["cuda"]
    error_message = "A GPU that is paid for is used, or the worker does not start."
  }

  assert {
    condition     = [for env in google_cloud_run_v2_worker_pool.worker[0].template[0].containers[0].env : env.value if env.name == "PLANTAIN_CLASSIFIER_LOCATION"] == ["eu"]
    error_message = "Pictures are looked at where the deployment says."
  }

  assert {
    condition     = google_cloud_run_v2_worker_pool.worker[0].template[0].gpu_zonal_redundancy_disabled == true
    error_message = "Redundancy across zones is dearer, and was not asked for."
  }

  assert {
    condition     = google_cloud_run_v2_worker_pool.worker[0].scaling[0].scaling_mode == "MANUAL" && google_cloud_run_v2_worker_pool.worker[0].scaling[0].manual_instance_count == 1
    error_message = "The autoscaler sets the count, from the minimum on."
  }

  assert {
    condition     = length(regexall("ignore_changes = \\[scaling\\[0\\]\\.manual_instance_count\\]", file("${path.module}/worker.tf"))) == 2
    error_message = "An apply would put the number of workers back."
  }

  assert {
    condition     = google_cloud_run_v2_worker_pool.worker[0].deletion_protection == true
    error_message = "A worker is not deleted by mistake."
  }

  assert {
    condition     = one([for env in google_cloud_run_v2_worker_pool.worker[0].template[0].containers[0].env : env.value_source[0].secret_key_ref[0] if env.name == "PLANTAIN_WATERMARK_KEY"]).version == google_secret_manager_secret_version.watermark_key["3"].version && one([for env in google_cloud_run_v2_worker_pool.worker[0].template[0].containers[0].env : env.value if env.name == "PLANTAIN_WATERMARK_KEY_VERSION"]) == "3"
    error_message = "The key that marks, and its number, belong together."
  }

  assert {
    condition     = one([for env in google_cloud_run_v2_worker_pool.worker[0].template[0].containers[0].env : env.value if env.name == "PLANTAIN_WORKER_SUBSCRIPTION"]) == google_pubsub_subscription.worker.name && one([for env in google_cloud_run_v2_worker_pool.worker[0].template[0].containers[0].env : env.value if env.name == "PLANTAIN_LOW_SUBSCRIPTION"]) == google_pubsub_subscription.worker_low.name
    error_message = "The worker is told where to pull from."
  }

  assert {
    condition     = one([for env in google_cloud_run_v2_worker_pool.worker[0].template[0].containers[0].env : env.value if env.name == "PLANTAIN_INGREDIENT_CREDENTIALS"]) == "facts"
    error_message = "Of inputs' content credentials, results must carry only the facts unless more was asked for."
  }

  assert {
    condition     = one(google_cloud_run_v2_worker_pool.worker[0].template[0].volumes).gcs[0].bucket == "test-project-plantain-models" && one(google_cloud_run_v2_worker_pool.worker[0].template[0].volumes).gcs[0].read_only == true && one(google_cloud_run_v2_worker_pool.worker[0].template[0].containers[0].volume_mounts).mount_path == "/models"
    error_message = "The models' bucket is mounted where models are named, and read only."
  }

  assert {
    condition     = toset([for env in google_cloud_run_v2_worker_pool.worker[0].template[0].containers[0].env : "${env.name} ${env.value_source[0].secret_key_ref[0].secret}" if length(env.value_source) == 1]) == toset(["PLANTAIN_WATERMARK_KEY plantain-watermark-key", "PLANTAIN_WATERMARK_RETIRED_KEYS plantain-watermark-retired-keys", "PLANTAIN_CREDENTIALS_CHAIN plantain-credentials-chain"])
    error_message = "The worker is given the secrets that it may read, by reference."
  }

  assert {
    condition     = one([for env in google_cloud_run_v2_worker_pool.worker[0].template[0].containers[0].env : env.value if env.name == "PLANTAIN_CREDENTIALS_KMS_KEY"]) == "${google_kms_crypto_key.signing[0].id}/cryptoKeyVersions/1" && toset([for grant in google_kms_crypto_key_iam_member.worker_signs : "${grant.crypto_key_id} ${grant.role} ${grant.member}"]) == toset([for role in ["roles/cloudkms.signer", "roles/cloudkms.publicKeyViewer"] : "${google_kms_crypto_key.signing[0].id} ${role} ${google_service_account.this["worker"].member}"])
    error_message = "The worker signs with a key that it cannot take away."
  }

  assert {
    condition     = google_kms_crypto_key.signing[0].purpose == "ASYMMETRIC_SIGN" && google_kms_crypto_key.signing[0].version_template[0].algorithm == "EC_SIGN_P256_SHA256"
    error_message = "Content credentials are signed with ES256."
  }

  assert {
    condition     = toset([for env in google_cloud_run_v2_worker_pool.worker[0].template[0].containers[0].env : env.value if contains(["PLANTAIN_IMAGE_CLASSIFIER", "PLANTAIN_TEXT_CLASSIFIER"], env.name)]) == toset(["gemini", "model_armor"]) && !contains([for env in google_cloud_run_v2_worker_pool.worker[0].template[0].containers[0].env : env.name], "PLANTAIN_SAFETY_FAIL_CLOSED")
    error_message = "Pictures and prompts are looked at, and what was not is kept back."
  }

  # The autoscaler. --------------------------------------------------------------------------------------

  assert {
    condition     = yamldecode(google_parameter_manager_parameter_version.crema[0].parameter_data).spec.scaledObjects[0].spec.scaleTargetRef.name == "projects/test-project/locations/europe-west4/workerpools/plantain-worker"
    error_message = "CREMA scales the worker pool."
  }

  assert {
    condition     = yamldecode(google_parameter_manager_parameter_version.crema[0].parameter_data).spec.scaledObjects[0].spec.minReplicaCount == 1 && yamldecode(google_parameter_manager_parameter_version.crema[0].parameter_data).spec.scaledObjects[0].spec.maxReplicaCount == 7
    error_message = "Between the minimum and the hard maximum."
  }

  assert {
    condition     = yamldecode(google_parameter_manager_parameter_version.crema[0].parameter_data).spec.scaledObjects[0].spec.triggers[0].metadata.subscriptionName == google_pubsub_subscription.worker.id && yamldecode(google_parameter_manager_parameter_version.crema[0].parameter_data).spec.scaledObjects[0].spec.triggers[0].metadata.value == "4" && yamldecode(google_parameter_manager_parameter_version.crema[0].parameter_data).spec.scaledObjects[0].spec.triggers[1].metadata.subscriptionName == google_pubsub_subscription.worker_low.id
    error_message = "On the worker's own backlog, by as many jobs for each as was asked."
  }

  assert {
    condition     = yamldecode(google_parameter_manager_parameter_version.crema[0].parameter_data).spec.triggerAuthentications[0].metadata.name == yamldecode(google_parameter_manager_parameter_version.crema[0].parameter_data).spec.scaledObjects[0].spec.triggers[0].authenticationRef.name
    error_message = "The trigger's identity is one that is defined."
  }

  assert {
    condition     = one([for env in google_cloud_run_v2_service.autoscaler[0].template[0].containers[0].env : env.value if env.name == "CREMA_CONFIG"]) == google_parameter_manager_parameter_version.crema[0].name && google_parameter_manager_parameter.crema[0].format == "YAML"
    error_message = "The autoscaler reads its configuration from Parameter Manager."
  }

  assert {
    condition     = google_cloud_run_v2_service.autoscaler[0].template[0].scaling[0].max_instance_count == 1 && google_cloud_run_v2_service.autoscaler[0].ingress == "INGRESS_TRAFFIC_INTERNAL_ONLY"
    error_message = "There is one autoscaler, and it cannot be reached from outside."
  }

  assert {
    condition     = google_cloud_run_v2_worker_pool_iam_member.autoscaler_scales[0].role == "roles/run.developer" && google_cloud_run_v2_worker_pool_iam_member.autoscaler_scales[0].name == "plantain-worker" && google_cloud_run_v2_worker_pool_iam_member.autoscaler_scales[0].member == google_service_account.this["autoscaler"].member
    error_message = "The autoscaler changes the worker, and nothing else."
  }

  assert {
    condition     = google_service_account_iam_member.autoscaler_uses_worker[0].service_account_id == google_service_account.this["worker"].name && google_service_account_iam_member.autoscaler_uses_worker[0].role == "roles/iam.serviceAccountUser"
    error_message = "It hands out the worker's identity, and no other."
  }

  assert {
    condition     = google_cloud_run_v2_service_iam_member.autoscaler[0].member == google_service_account.this["schedule"].member && google_cloud_scheduler_job.autoscaler[0].http_target[0].uri == google_cloud_run_v2_service.autoscaler[0].uri
    error_message = "Cloud Scheduler calls it."
  }

  # Networks and the front door. --------------------------------------------------------------------------

  assert {
    condition     = alltrue([for function in google_cloudfunctions2_function.this : function.service_config[0].direct_vpc_egress == "VPC_EGRESS_ALL_TRAFFIC" && length(function.service_config[0].direct_vpc_network_interface) == 1])
    error_message = "A function sends past the network."
  }

  assert {
    condition     = alltrue([for function in google_cloudfunctions2_function.this : function.service_config[0].direct_vpc_network_interface[0].network == "landing" && function.service_config[0].direct_vpc_network_interface[0].subnetwork == "apps" && function.service_config[0].direct_vpc_network_interface[0].tags == tolist(["plantain"])])
    error_message = "A function is in another network, or firewall rules do not know it."
  }

  assert {
    condition     = alltrue([for template in [google_cloud_run_v2_worker_pool.worker[0].template[0], google_cloud_run_v2_service.autoscaler[0].template[0]] : template.vpc_access[0].egress == "ALL_TRAFFIC" && template.vpc_access[0].network_interfaces[0].network == "landing" && template.vpc_access[0].network_interfaces[0].subnetwork == "apps" && template.vpc_access[0].network_interfaces[0].tags == tolist(["plantain"])])
    error_message = "The worker and the autoscaler are in the network too."
  }

  assert {
    condition     = length([for file in fileset(path.module, "*.tf") : file if length(regexall("resource \"google_(cloud_run_v2_(service|worker_pool|job)|cloudfunctions2_function)\" ", file("${path.module}/${file}"))) != length(regexall("dynamic \"(vpc_access|direct_vpc_network_interface)\"", file("${path.module}/${file}")))]) == 0
    error_message = "Something runs on Cloud Run that is not in the network."
  }

  assert {
    condition     = google_compute_router.egress[0].network == "landing" && google_compute_router.egress[0].region == "europe-west4" && google_compute_router_nat.egress[0].nat_ip_allocate_option == "MANUAL_ONLY" && google_compute_router_nat.egress[0].nat_ips == toset([google_compute_address.egress[0].self_link])
    error_message = "Calls to the outside come from one address."
  }

  assert {
    condition     = google_compute_router_nat.egress[0].source_subnetwork_ip_ranges_to_nat == "LIST_OF_SUBNETWORKS" && one(google_compute_router_nat.egress[0].subnetwork).name == "projects/test-project/regions/europe-west4/subnetworks/apps"
    error_message = "The NAT serves the subnetwork that functions are in, and no other."
  }

  assert {
    condition     = output.egress_address == google_compute_address.egress[0].address && google_compute_address.egress[0].region == "europe-west4"
    error_message = "Receivers of webhooks can be told the address."
  }

  assert {
    condition     = { for name, function in google_cloudfunctions2_function.this : name => function.service_config[0].ingress_settings if function.service_config[0].ingress_settings != "ALLOW_INTERNAL_ONLY" } == { api = "ALLOW_INTERNAL_AND_GCLB" }
    error_message = "The API is reached through the front door, the rest by Google alone."
  }

  assert {
    condition     = google_compute_region_network_endpoint_group.api[0].region == google_cloudfunctions2_function.this["api"].location && google_compute_region_network_endpoint_group.api[0].network_endpoint_type == "SERVERLESS" && google_compute_region_network_endpoint_group.api[0].cloud_run[0].service == google_cloudfunctions2_function.this["api"].name
    error_message = "The front door leads to the API, in its region."
  }

  assert {
    condition     = google_compute_backend_service.api[0].load_balancing_scheme == "EXTERNAL_MANAGED" && one(google_compute_backend_service.api[0].backend).group == google_compute_region_network_endpoint_group.api[0].id && google_compute_backend_service.api[0].enable_cdn == false
    error_message = "Answers are each caller's own: none is kept for others."
  }

  assert {
    condition     = google_compute_backend_service.api[0].iap[0].enabled == true && google_compute_backend_service.api[0].security_policy == google_compute_security_policy.front_door[0].id
    error_message = "Both guards stand in the way."
  }

  assert {
    condition     = toset([for grant in google_iap_web_backend_service_iam_member.caller : "${grant.web_backend_service} ${grant.role} ${grant.member}"]) == toset(["plantain-api roles/iap.httpsResourceAccessor group:callers@example.com"])
    error_message = "Identity-Aware Proxy lets in those that were named."
  }

  assert {
    condition     = toset([for grant in google_cloud_run_v2_service_iam_member.api : "${grant.role} ${grant.member}"]) == toset(["roles/run.invoker serviceAccount:service-123456789012@gcp-sa-iap.iam.gserviceaccount.com"])
    error_message = "Behind Identity-Aware Proxy nothing else may call the API."
  }

  assert {
    condition     = google_cloudfunctions2_function.this["api"].service_config[0].environment_variables["PLANTAIN_IAP_AUDIENCE"] == "/projects/123456789012/global/backendServices/*" && alltrue([for name, function in google_cloudfunctions2_function.this : name == "api" || !contains(keys(function.service_config[0].environment_variables), "PLANTAIN_IAP_AUDIENCE")])
    error_message = "The API demands the assertion of Identity-Aware Proxy."
  }

  assert {
    condition     = google_compute_global_forwarding_rule.https[0].port_range == "443" && google_compute_global_forwarding_rule.https[0].target == google_compute_target_https_proxy.front_door[0].id && google_compute_target_https_proxy.front_door[0].url_map == google_compute_url_map.https[0].id && google_compute_url_map.https[0].default_service == google_compute_backend_service.api[0].id
    error_message = "HTTPS leads to the API."
  }

  assert {
    condition     = google_compute_global_forwarding_rule.http[0].port_range == "80" && google_compute_global_forwarding_rule.http[0].target == google_compute_target_http_proxy.redirect[0].id && google_compute_target_http_proxy.redirect[0].url_map == google_compute_url_map.redirect[0].id && google_compute_url_map.redirect[0].default_service == null
    error_message = "HTTP leads nowhere."
  }

  assert {
    condition     = google_compute_url_map.redirect[0].default_url_redirect[0].https_redirect == true && google_compute_url_map.redirect[0].default_url_redirect[0].strip_query == false && google_compute_url_map.redirect[0].default_url_redirect[0].redirect_response_code == "PERMANENT_REDIRECT"
    error_message = "HTTP is sent to HTTPS, with its method, its body and its query."
  }

  assert {
    condition     = google_compute_global_forwarding_rule.https[0].ip_address == google_compute_global_address.front_door[0].id && google_compute_global_forwarding_rule.http[0].ip_address == google_compute_global_address.front_door[0].id && output.front_door_address == google_compute_global_address.front_door[0].address
    error_message = "Both have the address that the domains are to have."
  }

  assert {
    condition     = alltrue([for rule in [google_compute_global_forwarding_rule.https[0], google_compute_global_forwarding_rule.http[0]] : rule.load_balancing_scheme == google_compute_backend_service.api[0].load_balancing_scheme])
    error_message = "A forwarding rule is of another kind of load balancer than its backend."
  }

  assert {
    condition     = google_compute_managed_ssl_certificate.front_door[0].managed[0].domains == tolist(["api.example.com", "pictures.example.com"]) && google_compute_target_https_proxy.front_door[0].ssl_certificates == tolist([google_compute_managed_ssl_certificate.front_door[0].id])
    error_message = "The certificate is made out to the domains."
  }

  assert {
    condition     = google_compute_target_https_proxy.front_door[0].ssl_policy == google_compute_ssl_policy.front_door[0].id && google_compute_ssl_policy.front_door[0].min_tls_version == "TLS_1_2"
    error_message = "No TLS older than 1.2."
  }

  assert {
    condition     = one([for rule in google_compute_security_policy.front_door[0].rule : rule if rule.action == "throttle"]).rate_limit_options[0].rate_limit_threshold[0].count == 90 && one([for rule in google_compute_security_policy.front_door[0].rule : rule if rule.action == "throttle"]).rate_limit_options[0].rate_limit_threshold[0].interval_sec == 60 && one([for rule in google_compute_security_policy.front_door[0].rule : rule if rule.action == "throttle"]).rate_limit_options[0].enforce_on_key == "IP" && one([for rule in google_compute_security_policy.front_door[0].rule : rule if rule.action == "throttle"]).rate_limit_options[0].exceed_action == "deny(429)"
    error_message = "Each address has so many requests a minute."
  }

  assert {
    condition     = { for rule in google_compute_security_policy.front_door[0].rule : rule.match[0].expr[0].expression => rule.preview if rule.action == "deny(403)" } == { "evaluatePreconfiguredWaf('sqli-v33-stable', {'sensitivity': 1})" = true, "evaluatePreconfiguredWaf('xss-v33-stable', {'sensitivity': 1})" = true }
    error_message = "Preconfigured rules are logged until they are to be enforced."
  }

  assert {
    condition     = max([for rule in google_compute_security_policy.front_door[0].rule : rule.priority if rule.action == "deny(403)"]...) < one([for rule in google_compute_security_policy.front_door[0].rule : rule.priority if rule.action == "throttle"]) && length(distinct([for rule in google_compute_security_policy.front_door[0].rule : rule.priority])) == length(google_compute_security_policy.front_door[0].rule) && one([for rule in google_compute_security_policy.front_door[0].rule : rule.priority if rule.action == "allow"]) == 2147483647
    error_message = "A rule stands behind one that lets everything pass."
  }

  assert {
    condition     = length(setsubtract(["compute", "iap"], keys(google_project_service.api))) == 0 && output.api_url == "https://api.example.com"
    error_message = "What the front door is made of is switched on, and callers are told of it."
  }

  # Vertex AI and Gemini. --------------------------------------------------------------------------------

  assert {
    condition     = google_vertex_ai_endpoint.this[0].name == "42" && google_vertex_ai_endpoint.this[0].dedicated_endpoint_enabled == true
    error_message = "The endpoint is dedicated, and has the id that was asked for."
  }

  assert {
    condition     = google_cloudfunctions2_function.this["dispatch"].service_config[0].environment_variables["PLANTAIN_VERTEX_ENDPOINT"] == google_vertex_ai_endpoint.this[0].id
    error_message = "Dispatch is told of the endpoint."
  }

  assert {
    condition     = alltrue([for name in ["api", "uploads", "sweep", "dispatch"] : google_cloudfunctions2_function.this[name].service_config[0].environment_variables["PLANTAIN_REMOTE_MODELS"] == "[\"klein\"]" && google_cloudfunctions2_function.this[name].service_config[0].environment_variables["PLANTAIN_REMOTE_TOPIC"] == google_pubsub_topic.jobs["remote"].name])
    error_message = "Each service that publishes a job knows which lane its model is on."
  }

  assert {
    condition     = google_pubsub_subscription.push["dispatch"].dead_letter_policy[0].max_delivery_attempts == 100 && google_pubsub_subscription.push["notify"].dead_letter_policy[0].max_delivery_attempts == 20
    error_message = "Jobs may wait for a busy endpoint longer than other messages for their function."
  }

  assert {
    condition     = output.vertex_container.endpoint == google_vertex_ai_endpoint.this[0].id && output.vertex_container.service_account == google_service_account.this["worker"].email && output.vertex_container.key == google_kms_crypto_key.this[0].id
    error_message = "The container runs as the worker, behind the endpoint."
  }

  assert {
    condition     = jsondecode(output.vertex_container.environment["PLANTAIN_MODELS"]) == { klein = "gs://${google_storage_bucket.models[0].name}/klein", starter = "worker/embedded_model" } && output.vertex_container.environment["PLANTAIN_RESULTS_BUCKET"] == google_storage_bucket.results.name
    error_message = "The container has the worker's settings, and finds the models without a mounted bucket."
  }

  assert {
    condition     = alltrue([for name in ["PLANTAIN_WATERMARK_KEY", "PLANTAIN_WATERMARK_RETIRED_KEYS", "PLANTAIN_CREDENTIALS_CHAIN"] : can(regex("^sm://.+/versions/[^/]+$", output.vertex_container.environment[name]))])
    error_message = "A secret's value goes into no model's description: its name does."
  }

  assert {
    condition     = google_project_iam_custom_role.predictor[0].permissions == toset(["aiplatform.endpoints.get", "aiplatform.endpoints.predict"])
    error_message = "Who asks for predictions changes no model and no endpoint."
  }

  assert {
    condition     = google_project_iam_custom_role.batcher[0].permissions == toset(["aiplatform.batchPredictionJobs.cancel", "aiplatform.batchPredictionJobs.create", "aiplatform.batchPredictionJobs.get", "aiplatform.batchPredictionJobs.list", "aiplatform.models.get"])
    error_message = "Only uploads begins batches, and it deploys no model."
  }

  assert {
    condition     = google_service_account_iam_member.uploads_uses_worker[0].service_account_id == google_service_account.this["worker"].name && google_service_account_iam_member.uploads_uses_worker[0].member == google_service_account.this["uploads"].member
    error_message = "A batch runs as the worker."
  }

  # A key of one's own. ----------------------------------------------------------------------------------

  assert {
    condition     = toset([for grant in google_kms_crypto_key_iam_member.agent : grant.member]) == toset(values(local.agents)) && alltrue([for grant in google_kms_crypto_key_iam_member.agent : grant.role == "roles/cloudkms.cryptoKeyEncrypterDecrypter"])
    error_message = "Every product that stores something for us may use the key."
  }

  assert {
    condition     = alltrue([for bucket in [google_storage_bucket.uploads, google_storage_bucket.results, google_storage_bucket.jobs, google_storage_bucket.source, google_storage_bucket.models[0], google_storage_bucket.compiled[0]] : bucket.encryption[0].default_kms_key_name == google_kms_crypto_key.this[0].id])
    error_message = "A bucket is not encrypted with our key."
  }

  assert {
    condition     = alltrue([for topic in concat(values(google_pubsub_topic.jobs), values(google_pubsub_topic.storage), values(google_pubsub_topic.dead_letter), [google_pubsub_topic.events]) : topic.kms_key_name == google_kms_crypto_key.this[0].id])
    error_message = "A topic is not encrypted with our key."
  }

  assert {
    condition     = alltrue([for secret in google_secret_manager_secret.this : one(secret.replication[0].user_managed[0].replicas).customer_managed_encryption[0].kms_key_name == google_kms_crypto_key.this[0].id])
    error_message = "A secret is not encrypted with our key."
  }

  assert {
    condition     = alltrue([for repository in google_artifact_registry_repository.this : repository.kms_key_name == google_kms_crypto_key.this[0].id]) && alltrue([for function in google_cloudfunctions2_function.this : function.kms_key_name == google_kms_crypto_key.this[0].id]) && google_cloud_run_v2_worker_pool.worker[0].template[0].encryption_key == google_kms_crypto_key.this[0].id && google_vertex_ai_endpoint.this[0].encryption_spec[0].kms_key_name == google_kms_crypto_key.this[0].id
    error_message = "Images, functions, worker and endpoint are encrypted with our key too."
  }

  assert {
    condition     = google_kms_crypto_key.this[0].rotation_period == "7776000s"
    error_message = "The key is renewed every 90 days."
  }

  assert {
    condition     = length(regexall("depends_on = \\[google_project_service.api, time_sleep.key_grants\\]", file("${path.module}/storage.tf"))) == 6 && length(regexall("depends_on = \\[google_project_service.api, time_sleep.key_grants\\]", file("${path.module}/pubsub.tf"))) == 5
    error_message = "What is encrypted waits for the grant, or the first apply fails."
  }

  # Watching. --------------------------------------------------------------------------------------------

  assert {
    condition     = toset(keys(google_monitoring_alert_policy.this)) == toset(["oldest_message", "dead_letters", "kept_dead_letters", "set_aside", "schedule", "failure_ratio", "crash_loop", "webhooks", "spend"])
    error_message = "Nine thresholds raise an alert."
  }

  assert {
    condition     = alltrue([for policy in google_monitoring_alert_policy.this : policy.notification_channels == tolist([google_monitoring_notification_channel.email["on-call@example.com"].name])])
    error_message = "The named addresses are told of every one."
  }

  assert {
    condition     = alltrue([for policy in google_monitoring_alert_policy.this : length(policy.documentation[0].content) > 80])
    error_message = "An alert says what to do."
  }

  assert {
    condition     = google_monitoring_alert_policy.this["oldest_message"].conditions[0].condition_threshold[0].threshold_value == 120 && google_monitoring_alert_policy.this["failure_ratio"].conditions[0].condition_threshold[0].threshold_value == 0.1 && google_monitoring_alert_policy.this["webhooks"].conditions[0].condition_threshold[0].threshold_value == 3
    error_message = "Thresholds are those that were set."
  }

  assert {
    condition     = alltrue([for subscription in concat([google_pubsub_subscription.worker], values(google_pubsub_subscription.push)) : strcontains(google_monitoring_alert_policy.this["oldest_message"].conditions[0].condition_threshold[0].filter, subscription.name) && strcontains(google_monitoring_alert_policy.this["dead_letters"].conditions[0].condition_threshold[0].filter, subscription.name)])
    error_message = "A queue is not watched."
  }

  assert {
    condition     = !strcontains(google_monitoring_alert_policy.this["oldest_message"].conditions[0].condition_threshold[0].filter, google_pubsub_subscription.worker_low.name) && strcontains(google_monitoring_alert_policy.this["dead_letters"].conditions[0].condition_threshold[0].filter, google_pubsub_subscription.worker_low.name)
    error_message = "Jobs of low priority may wait, and may not be lost."
  }

  assert {
    condition     = google_monitoring_alert_policy.this["failure_ratio"].conditions[0].condition_threshold[0].denominator_filter != null && length(google_monitoring_alert_policy.this["failure_ratio"].conditions[0].condition_threshold[0].denominator_aggregations) == 1
    error_message = "The share of failed jobs is a share."
  }

  assert {
    condition     = alltrue([for policy in google_monitoring_alert_policy.this : alltrue([for name in flatten(regexall("user/plantain/([a-z_]+)", policy.conditions[0].condition_threshold[0].filter)) : contains(keys(time_sleep.metrics.triggers), name)])])
    error_message = "An alert watches a metric that is not there."
  }

  assert {
    condition     = alltrue([for name in flatten(regexall("user/plantain/([a-z_]+)", google_monitoring_dashboard.this.dashboard_json)) : contains(concat(keys(google_logging_metric.counter), keys(google_logging_metric.distribution)), name)])
    error_message = "The dashboard shows a metric that is not there."
  }

  assert {
    condition     = strcontains(google_monitoring_dashboard.this.dashboard_json, "user/plantain/stage_seconds") && length(jsondecode(google_monitoring_dashboard.this.dashboard_json).mosaicLayout.tiles) == 13
    error_message = "The dashboard shows how long each stage takes, among its thirteen charts."
  }

  assert {
    condition     = alltrue([for tile in jsondecode(google_monitoring_dashboard.this.dashboard_json).mosaicLayout.tiles : tile.xPos + tile.width <= 12])
    error_message = "A chart hangs over the edge."
  }

  assert {
    condition     = google_logging_metric.distribution["stage_seconds"].metric_descriptor[0].value_type == "DISTRIBUTION" && google_logging_metric.distribution["stage_seconds"].label_extractors["stage"] == "EXTRACT(jsonPayload.stage)"
    error_message = "Stages are timed one by one."
  }

  assert {
    condition     = google_billing_budget.this[0].amount[0].specified_amount[0].units == "2000" && google_billing_budget.this[0].amount[0].specified_amount[0].currency_code == "EUR" && google_billing_budget.this[0].budget_filter[0].projects == toset(["projects/123456789012"])
    error_message = "The budget is this project's."
  }

  assert {
    condition     = contains([for rule in google_billing_budget.this[0].threshold_rules : "${rule.threshold_percent} ${rule.spend_basis}"], "1 FORECASTED_SPEND")
    error_message = "The named addresses are told before the money is spent."
  }

  assert {
    condition     = alltrue([for name, function in google_cloudfunctions2_function.this : function.service_config[0].environment_variables["PLANTAIN_GOOGLE_TRACES"] == "true" && function.service_config[0].environment_variables["OTEL_TRACES_SAMPLER"] == "traceidratio" && function.service_config[0].environment_variables["OTEL_TRACES_SAMPLER_ARG"] == "1"])
    error_message = "Every service writes its part of a trace, and all of them make the same decision which."
  }

  assert {
    condition     = google_cloud_run_v2_worker_pool.worker[0].template[0].containers[0].liveness_probe[0].http_get[0].path == "/healthz" && one([for env in google_cloud_run_v2_worker_pool.worker[0].template[0].containers[0].env : env.value if env.name == "PLANTAIN_HEALTH_PORT"]) == tostring(google_cloud_run_v2_worker_pool.worker[0].template[0].containers[0].liveness_probe[0].http_get[0].port)
    error_message = "A worker that is stuck for good is started anew."
  }

  # The autoscaler. ---------------------------------------------------------------------------------------

  assert {
    condition     = alltrue([for trigger in yamldecode(google_parameter_manager_parameter_version.crema[0].parameter_data).spec.scaledObjects[0].spec.triggers : trigger.metadata.timeHorizon == "5m" && trigger.metadata.valueIfNull == "0"])
    error_message = "The autoscaler looks back as far as the metric is late, for each queue, and takes a queue without a number for empty."
  }

  assert {
    condition     = length(yamldecode(google_parameter_manager_parameter_version.crema[0].parameter_data).spec.scaledObjects[0].spec.triggers) == 2
    error_message = "Both queues are looked at."
  }

  assert {
    condition     = google_monitoring_alert_policy.query["autoscaler_silent"].conditions[0].condition_prometheus_query_language[0].query == "(sum(increase(logging_googleapis_com:user_plantain_autoscaler_decisions{monitored_resource=\"cloud_run_revision\"}[20m])) or vector(0)) < 1"
    error_message = "An autoscaler that has never decided anything is silent too, for as long as was set."
  }

  assert {
    condition     = strcontains(google_logging_metric.foreign["autoscaler_decisions"].filter, "resource.labels.service_name=\"${google_cloud_run_v2_service.autoscaler[0].name}\"") && strcontains(google_logging_metric.foreign["autoscaler_errors"].filter, "resource.labels.service_name=\"${google_cloud_run_v2_service.autoscaler[0].name}\"")
    error_message = "It is the autoscaler's own log that is counted."
  }

  assert {
    condition     = strcontains(google_logging_metric.foreign["autoscaler_decisions"].filter, "textPayload:\"[SCALER] Recommended instances for\"") && strcontains(google_logging_metric.foreign["autoscaler_errors"].filter, "textPayload=~\"^\\[(ERROR|SEVERE|WARNING)\\]\"")
    error_message = "A decision is told from an error by what CREMA writes."
  }

  # The schedule. -----------------------------------------------------------------------------------------

  assert {
    condition     = alltrue([for job in [google_cloud_scheduler_job.sweep[0], google_cloud_scheduler_job.autoscaler[0]] : strcontains(google_logging_metric.foreign["schedule_failures"].filter, "\"${job.name}\"")])
    error_message = "A scheduled job is not watched."
  }

  assert {
    condition     = strcontains(google_logging_metric.foreign["schedule_failures"].filter, "severity>=ERROR") && strcontains(google_monitoring_alert_policy.this["schedule"].conditions[0].condition_threshold[0].filter, "resource.type = \"cloud_scheduler_job\"") && google_monitoring_alert_policy.this["schedule"].conditions[0].condition_threshold[0].aggregations[0].group_by_fields == tolist(["resource.label.job_id"])
    error_message = "A job that fails is named."
  }

  assert {
    condition     = strcontains(google_monitoring_alert_policy.query["sweep_silent"].conditions[0].condition_prometheus_query_language[0].query, "user_plantain_sweeps") && endswith(google_monitoring_alert_policy.query["sweep_silent"].conditions[0].condition_prometheus_query_language[0].query, "or vector(0)) < 1")
    error_message = "A sweep that never ran is silent too."
  }

  # The functions. ----------------------------------------------------------------------------------------

  assert {
    condition     = alltrue([for name, function in google_cloudfunctions2_function.this : name == "dispatch" || contains(split("|", regex("service_name=~\"([^\"]+)\"", google_monitoring_alert_policy.query["function_errors"].conditions[0].condition_prometheus_query_language[0].query)[0]), function.name)])
    error_message = "A function's errors are not watched."
  }

  assert {
    condition     = strcontains(google_monitoring_alert_policy.query["function_errors"].conditions[0].condition_prometheus_query_language[0].query, "response_code_class=\"5xx\"") && endswith(google_monitoring_alert_policy.query["function_errors"].conditions[0].condition_prometheus_query_language[0].query, "> 0.1")
    error_message = "The share of 5xx that was set counts."
  }

  # What waits for a person. ------------------------------------------------------------------------------

  assert {
    condition     = alltrue([for subscription in google_pubsub_subscription.kept : contains(split("|", regex("full_match\\(\"([^\"]+)\"", google_monitoring_alert_policy.this["kept_dead_letters"].conditions[0].condition_threshold[0].filter)[0]), subscription.name)])
    error_message = "Dead letters stay unseen in a subscription."
  }

  assert {
    condition     = strcontains(google_monitoring_alert_policy.this["kept_dead_letters"].conditions[0].condition_threshold[0].filter, "num_undelivered_messages") && google_monitoring_alert_policy.this["kept_dead_letters"].conditions[0].condition_threshold[0].threshold_value == 0 && google_monitoring_alert_policy.this["kept_dead_letters"].conditions[0].condition_threshold[0].duration == "3600s"
    error_message = "One dead letter that stays for an hour is enough."
  }

  assert {
    condition     = strcontains(google_monitoring_alert_policy.this["set_aside"].conditions[0].condition_threshold[0].filter, "user/plantain/set_aside_waits") && google_monitoring_alert_policy.this["set_aside"].conditions[0].condition_threshold[0].threshold_value == 0
    error_message = "What was set aside and stays is told."
  }

  # The objectives. ---------------------------------------------------------------------------------------

  assert {
    condition     = google_monitoring_slo.deadline.goal == 0.995 && google_monitoring_slo.start.goal == 0.96 && google_monitoring_slo.start.request_based_sli[0].distribution_cut[0].range[0].max == 300
    error_message = "The objectives are those that were set."
  }

  assert {
    condition     = endswith(google_monitoring_slo.deadline.request_based_sli[0].good_total_ratio[0].good_service_filter, "metric.labels.deadline = \"met\"") && endswith(google_monitoring_slo.deadline.request_based_sli[0].good_total_ratio[0].bad_service_filter, "metric.labels.deadline = \"missed\"")
    error_message = "What is excluded is neither good nor bad."
  }

  assert {
    condition     = alltrue([for filter in [google_monitoring_slo.deadline.request_based_sli[0].good_total_ratio[0].good_service_filter, google_monitoring_slo.deadline.request_based_sli[0].good_total_ratio[0].bad_service_filter, google_monitoring_slo.start.request_based_sli[0].distribution_cut[0].distribution_filter] : contains(keys(time_sleep.metrics.triggers), regex("user/plantain/([a-z_]+)", filter)[0])])
    error_message = "An objective counts a metric that is not there, or not waited for."
  }

  assert {
    condition     = google_logging_metric.counter["jobs_judged"].label_extractors["deadline"] == "EXTRACT(jsonPayload.deadline)" && google_logging_metric.distribution["start_seconds"].label_extractors["priority"] == "EXTRACT(jsonPayload.priority)" && strcontains(google_monitoring_slo.start.request_based_sli[0].distribution_cut[0].distribution_filter, "metric.labels.priority = \"normal\"")
    error_message = "Jobs of low priority may wait."
  }

  assert {
    condition     = toset(keys(google_monitoring_alert_policy.burn)) == toset(["deadline_fast", "deadline_slow", "start_fast", "start_slow"]) && alltrue([for policy in google_monitoring_alert_policy.burn : policy.combiner == "AND" && length(policy.conditions) == 2])
    error_message = "Each budget has a fast and a slow alert, each on a long and a short window."
  }

  assert {
    condition     = alltrue([for key, policy in google_monitoring_alert_policy.burn : alltrue([for condition in policy.conditions : strcontains(condition.condition_threshold[0].filter, startswith(key, "deadline") ? google_monitoring_slo.deadline.name : google_monitoring_slo.start.name)])])
    error_message = "A budget's alert watches the other objective."
  }

  assert {
    condition     = alltrue([for slo in [google_monitoring_slo.deadline, google_monitoring_slo.start] : 1 / (1 - slo.goal) > google_monitoring_alert_policy.burn["${slo.slo_id}_fast"].conditions[0].condition_threshold[0].threshold_value])
    error_message = "With every job bad the budget must burn fast enough for the alert."
  }

  assert {
    condition     = google_monitoring_alert_policy.burn["deadline_fast"].conditions[0].condition_threshold[0].threshold_value == 10 && google_monitoring_alert_policy.burn["deadline_slow"].conditions[0].condition_threshold[0].threshold_value == 2 && endswith(google_monitoring_alert_policy.burn["deadline_fast"].conditions[0].condition_threshold[0].filter, "\"3600s\")") && endswith(google_monitoring_alert_policy.burn["deadline_slow"].conditions[0].condition_threshold[0].filter, "\"86400s\")")
    error_message = "Fast is ten times over an hour, slow twice over a day."
  }

  # All of them. ------------------------------------------------------------------------------------------

  assert {
    condition     = alltrue([for policy in concat(values(google_monitoring_alert_policy.query), values(google_monitoring_alert_policy.burn)) : policy.notification_channels == tolist([google_monitoring_notification_channel.email["on-call@example.com"].name]) && length(policy.documentation[0].content) > 80])
    error_message = "The named addresses are told of every one, and of what to do."
  }

  assert {
    condition     = alltrue([for policy in google_monitoring_alert_policy.query : alltrue([for name in flatten(regexall("user_plantain_([a-z_]+)", policy.conditions[0].condition_prometheus_query_language[0].query)) : contains(keys(time_sleep.metrics.triggers), name)])])
    error_message = "A query asks for a metric that is not there, or not waited for."
  }

  # Every policy, and every objective, has the wait in its own block: a plan does not show what depends on what.
  assert {
    condition     = alltrue(flatten([for file in fileset(path.module, "*.tf") : [for block in slice(split("\nresource ", "\n${file("${path.module}/${file}")}"), 1, length(split("\nresource ", "\n${file("${path.module}/${file}")}"))) : strcontains(block, "time_sleep.metrics") if can(regex("^\"google_monitoring_(alert_policy|slo)\"", block))]]))
    error_message = "An alert does not wait for its metric."
  }

  # What comes of it. ------------------------------------------------------------------------------------

  assert {
    condition     = toset(keys(google_project_service.api)) == toset(["aiplatform", "artifactregistry", "billingbudgets", "cloudbuild", "cloudfunctions", "cloudkms", "cloudresourcemanager", "cloudscheduler", "cloudtrace", "compute", "iam", "iamcredentials", "iap", "logging", "modelarmor", "monitoring", "parametermanager", "pubsub", "run", "secretmanager", "storage", "telemetry"])
    error_message = "The APIs that are used, and no others."
  }

  assert {
    condition     = output.worker == "projects/test-project/locations/europe-west4/workerpools/plantain-worker" && output.image_repository == "europe-west4-docker.pkg.dev/test-project/plantain-images"
    error_message = "The worker, and where its image is pushed to, are told."
  }

  assert {
    condition     = output.vertex_endpoint == google_vertex_ai_endpoint.this[0].id
    error_message = "Addresses are told."
  }

  assert {
    condition     = toset(keys(output.kept_dead_letters)) == toset(["uploads", "notify", "deliver", "remind", "dead_letter"])
    error_message = "Where given-up messages wait is told."
  }
}

run "the_least" {
  command = apply

  variables {
    dev            = true
    functions_zip  = "tests/functions.zip"
    worker_image   = "europe-west4-docker.pkg.dev/test-project/plantain-images/worker@sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
    worker_runtime = "service"
    accelerator    = "none"
    autoscaler     = false
    safety         = { image_classifier = "none" }
  }

  assert {
    condition     = alltrue([for bucket in [google_storage_bucket.uploads, google_storage_bucket.results, google_storage_bucket.jobs, google_storage_bucket.source] : bucket.force_destroy == true]) && alltrue([for secret in google_secret_manager_secret.this : secret.deletion_protection == false])
    error_message = "A development deployment is destroyed with what it holds."
  }

  assert {
    condition     = length(google_storage_bucket.uploads.cors) == 0 && length(google_storage_bucket.results.cors) == 0 && length(google_storage_bucket.jobs.cors) == 0
    error_message = "No page may reach a bucket unless its origin was named."
  }

  assert {
    condition     = alltrue([for bucket in [google_storage_bucket.uploads, google_storage_bucket.results, google_storage_bucket.jobs, google_storage_bucket.source] : length(bucket.encryption) == 0])
    error_message = "Without a key of our own, none is named."
  }

  assert {
    condition     = keys(google_project_iam_member.this) == ["build/logging.logWriter"]
    error_message = "The only role on the project is the build's right to write its log."
  }

  assert {
    condition     = !contains(keys(google_service_account.this), "autoscaler") && length(google_cloud_run_v2_service.autoscaler) == 0 && length(google_parameter_manager_parameter.crema) == 0 && length(google_cloud_scheduler_job.autoscaler) == 0
    error_message = "Without an autoscaler nothing of it is left."
  }

  assert {
    condition     = length(google_cloud_run_v2_service_iam_member.api) == 0
    error_message = "The API is called by named accounts only."
  }

  assert {
    condition     = { for name, function in google_cloudfunctions2_function.this : name => function.service_config[0].ingress_settings if function.service_config[0].ingress_settings != "ALLOW_INTERNAL_ONLY" } == { api = "ALLOW_ALL" } && output.api_url == google_cloudfunctions2_function.this["api"].service_config[0].uri
    error_message = "Without a front door the API alone is reached from outside, at its own address."
  }

  assert {
    condition     = length(google_compute_global_forwarding_rule.https) == 0 && length(google_compute_global_forwarding_rule.http) == 0 && length(google_compute_backend_service.api) == 0 && length(google_compute_global_address.front_door) == 0 && length(google_compute_security_policy.front_door) == 0 && length(google_compute_managed_ssl_certificate.front_door) == 0
    error_message = "There is no front door unless one is asked for."
  }

  assert {
    condition     = alltrue([for function in google_cloudfunctions2_function.this : length(function.service_config[0].direct_vpc_network_interface) == 0 && length(setintersection(keys(function.service_config[0].environment_variables), ["PLANTAIN_IAP_AUDIENCE", "PLANTAIN_GATEWAYS"])) == 0]) && length(google_cloud_run_v2_service.worker[0].template[0].vpc_access) == 0
    error_message = "There is no network that was not named, and nothing in front of the API."
  }

  assert {
    condition     = toset([for secret in google_cloudfunctions2_function.this["api"].service_config[0].secret_environment_variables : secret.key]) == toset(["PLANTAIN_WEBHOOK_SECRET", "PLANTAIN_WEBHOOK_SECRETS"]) && !contains(keys(google_secret_manager_secret.this), "api-keys")
    error_message = "Without API keys there is no secret for them."
  }

  assert {
    condition     = !contains(keys(google_cloudfunctions2_function.this["api"].service_config[0].environment_variables), "PLANTAIN_MODELS")
    error_message = "Without named models the API is given no list of them."
  }

  assert {
    condition     = length(google_cloud_run_v2_worker_pool.worker) == 0 && length(google_cloud_run_v2_service.worker) == 1 && endswith(output.worker, "/services/plantain-worker")
    error_message = "Where there are no pools, the worker is a service."
  }

  assert {
    condition     = google_cloud_run_v2_service.worker[0].ingress == "INGRESS_TRAFFIC_INTERNAL_ONLY" && google_cloud_run_v2_service.worker[0].default_uri_disabled == true
    error_message = "A worker cannot be called."
  }

  assert {
    condition     = google_cloud_run_v2_service.worker[0].template[0].containers[0].resources[0].cpu_idle == false && google_cloud_run_v2_service.worker[0].scaling[0].scaling_mode == "MANUAL"
    error_message = "It works without calls, and is scaled by hand."
  }

  assert {
    condition     = length(google_cloud_run_v2_service.worker[0].template[0].node_selector) == 0 && google_cloud_run_v2_service.worker[0].template[0].containers[0].resources[0].limits == tomap({ cpu = "4", memory = "8Gi" })
    error_message = "The starter model needs no GPU, and none is paid for."
  }

  assert {
    condition     = google_cloud_run_v2_service.worker[0].template[0].containers[0].startup_probe[0].http_get[0].path == "/readyz" && google_cloud_run_v2_service.worker[0].template[0].containers[0].liveness_probe[0].http_get[0].path == "/healthz"
    error_message = "It is asked whether it is ready, and whether it is well."
  }

  assert {
    condition     = toset([for env in google_cloud_run_v2_service.worker[0].template[0].containers[0].env : "${env.name}=${env.value}" if contains(["PLANTAIN_CREDENTIALS", "PLANTAIN_SAFETY_FAIL_CLOSED", "PLANTAIN_IMAGE_CLASSIFIER"], env.name)]) == toset(["PLANTAIN_CREDENTIALS=off", "PLANTAIN_SAFETY_FAIL_CLOSED=false"])
    error_message = "Without a signer and a classifier the worker is told so, or it would not start."
  }

  assert {
    condition     = length([for env in google_cloud_run_v2_service.worker[0].template[0].containers[0].env : env if contains(["PLANTAIN_DEVICE", "PLANTAIN_CLASSIFIER_LOCATION"], env.name)]) == 0
    error_message = "Without a GPU no device is asked for, and without a classifier it has no place."
  }

  assert {
    condition     = toset(keys(google_secret_manager_secret.this)) == toset(["webhook-secret", "webhook-secrets", "watermark-key", "watermark-retired-keys"])
    error_message = "There are secrets that are not used."
  }

  assert {
    condition     = length(google_cloud_run_v2_service.worker[0].template[0].volumes) == 0 && length(google_storage_bucket.models) == 0
    error_message = "Baked weights need no bucket."
  }

  assert {
    condition     = google_cloud_run_v2_service.worker[0].deletion_protection == false
    error_message = "A development worker is thrown away."
  }

  assert {
    condition     = length(google_kms_key_ring.this) == 0 && alltrue([for topic in google_pubsub_topic.jobs : topic.kms_key_name == null]) && alltrue([for function in google_cloudfunctions2_function.this : function.kms_key_name == null])
    error_message = "Without a key of our own, none is named."
  }

  assert {
    condition     = length(google_vertex_ai_endpoint.this) == 0 && length(google_project_iam_custom_role.predictor) == 0 && length(google_service_account_iam_member.uploads_uses_worker) == 0
    error_message = "Without Vertex AI no account may ask it."
  }

  assert {
    condition     = length(google_billing_budget.this) == 0 && length(google_monitoring_notification_channel.email) == 0 && length(google_monitoring_alert_policy.this) == 9
    error_message = "Alerts stand in the console even where no address is named."
  }

  assert {
    condition     = strcontains(google_monitoring_alert_policy.this["spend"].conditions[0].condition_threshold[0].filter, "resource.type = \"cloud_run_revision\" AND resource.labels.service_name = \"plantain-worker\"")
    error_message = "A service's instances are counted as a service's."
  }
}

locals {
  # What signs webhooks, for those that sign, and for the API, which shows each owner its own.
  webhook_secrets = { PLANTAIN_WEBHOOK_SECRET = "webhook-secret", PLANTAIN_WEBHOOK_SECRETS = "webhook-secrets" }

  # One source, eight entry points. Memory holds the largest picture that is taken; further ones wait.
  functions = {
    api = {
      memory      = "2Gi"
      cpu         = "1"
      concurrency = 160 # most of them wait for jobs, which takes a thread each and little else
      seconds     = 660 # clients of other services wait up to ten minutes on one connection
      min         = var.api_min_instances
      max         = var.functions_max_instances
      ingress     = local.api_ingress # reached from outside, by those that may invoke it
      secrets     = local.webhook_secrets
      settings    = merge(local.batch_settings, local.door_settings, var.studio ? {} : { PLANTAIN_STUDIO = "false" }, var.api_docs ? {} : { PLANTAIN_API_DOCS = "false" }, { PLANTAIN_SIGNING_ACCOUNT = google_service_account.this["api"].email })
    }
    uploads = {
      memory      = "2Gi"
      cpu         = "1"
      concurrency = 8
      seconds     = 120
      min         = 0
      max         = var.functions_max_instances
      ingress     = "ALLOW_INTERNAL_ONLY"
      secrets     = { PLANTAIN_WEBHOOK_SECRET = "webhook-secret" }
      settings    = merge(local.batch_settings, local.key_settings) # the limits of owners are in the list of keys
    }
    dispatch = {
      memory      = "1Gi"
      cpu         = "1"
      concurrency = 16
      seconds     = 540
      min         = 0
      max         = var.functions_max_instances
      ingress     = "ALLOW_INTERNAL_ONLY"
      secrets     = {}
      settings    = local.vertex_settings
    }
    notify = {
      memory      = "512Mi"
      cpu         = "1"
      concurrency = 32
      seconds     = 60
      min         = 0
      max         = var.functions_max_instances
      ingress     = "ALLOW_INTERNAL_ONLY"
      secrets     = {}
      settings    = {}
    }
    deliver = {
      memory      = "512Mi"
      cpu         = "1"
      concurrency = 64 # they wait for receivers, which may hang
      seconds     = 60
      min         = 0
      max         = var.functions_max_instances
      ingress     = "ALLOW_INTERNAL_ONLY"
      secrets     = local.webhook_secrets
      settings    = {}
    }
    remind = {
      memory      = "512Mi"
      cpu         = "1"
      concurrency = 80  # they sleep
      seconds     = 120 # for 90 at most
      min         = 0
      max         = var.functions_max_instances
      ingress     = "ALLOW_INTERNAL_ONLY"
      secrets     = {}
      settings    = {}
    }
    dead_letter = {
      memory      = "512Mi"
      cpu         = "1"
      concurrency = 16
      seconds     = 60
      min         = 0
      max         = 3
      ingress     = "ALLOW_INTERNAL_ONLY"
      secrets     = {}
      settings    = {}
    }
    sweep = {
      memory      = "512Mi"
      cpu         = "1"
      concurrency = 1
      seconds     = 120
      min         = 0
      max         = 1 # two at once would do the same work twice
      ingress     = "ALLOW_INTERNAL_ONLY"
      secrets     = local.webhook_secrets # the end of a batch is announced before it is deleted
      settings    = {}
    }
  }

  # What pictures may take of each, in MiB: seven tenths of what the process itself leaves, as functions/contract/pictures/memory_budget.py
  # would find from the container; bodies and answers take the rest.
  picture_mib = {
    for name, function in local.functions : name => max(64, floor(
      (tonumber(regex("^[0-9]+", function.memory)) * (endswith(function.memory, "Gi") ? 1024 : 1) - 256) * 0.7
    ))
  }
}

# The name is the hash: another zip is another object, and so the functions are built again.
resource "google_storage_bucket_object" "functions" {
  count = local.has_functions ? 1 : 0

  name   = "functions/${filesha256(var.functions_zip)}.zip"
  bucket = google_storage_bucket.source.name
  source = var.functions_zip
}

resource "google_cloudfunctions2_function" "this" {
  #checkov:skip=CKV_GCP_124:The API is reached from outside, by those that may invoke it; a test sees to it that no other function is
  for_each = { for name, function in local.functions : name => function if local.has_functions }

  name         = "${var.name}-${replace(each.key, "_", "-")}"
  location     = var.region
  description  = google_service_account.this[each.key].display_name
  kms_key_name = one(local.key)

  build_config {
    runtime           = "python312"
    entry_point       = each.key
    docker_repository = google_artifact_registry_repository.this["functions"].id
    service_account   = google_service_account.this["build"].id

    source {
      storage_source {
        bucket = google_storage_bucket.source.name
        object = google_storage_bucket_object.functions[0].name
      }
    }
  }

  service_config {
    available_memory                 = each.value.memory
    available_cpu                    = each.value.cpu
    max_instance_request_concurrency = each.value.concurrency
    timeout_seconds                  = each.value.seconds
    min_instance_count               = each.value.min
    max_instance_count               = each.value.max
    ingress_settings                 = each.value.ingress
    direct_vpc_egress                = local.has_vpc ? "VPC_EGRESS_${local.egress}" : null
    all_traffic_on_latest_revision   = true
    service_account_email            = google_service_account.this[each.key].email
    # functions-framework starts THREADS threads, or four for each CPU: with fewer than the requests that Cloud
    # Run sends, some wait behind others, and a health check behind all of them.
    environment_variables = merge(local.settings, each.value.settings, {
      THREADS               = tostring(each.value.concurrency)
      PLANTAIN_MEMORY_BYTES = tostring(local.picture_mib[each.key] * 1024 * 1024)
    })

    dynamic "direct_vpc_network_interface" {
      for_each = var.vpc[*]

      content {
        network    = direct_vpc_network_interface.value.network
        subnetwork = direct_vpc_network_interface.value.subnetwork
        tags       = direct_vpc_network_interface.value.tags
      }
    }

    # A file, and no variable: each reading of it fetches the newest version, so that a revoked key ends while the
    # instance runs.
    dynamic "secret_volumes" {
      for_each = var.api_keys && contains(local.key_readers, each.key) ? [local.api_keys_folder] : []

      content {
        mount_path = secret_volumes.value
        project_id = var.project_id
        secret     = google_secret_manager_secret.this["api-keys"].secret_id

        versions {
          version = "latest"
          path    = local.api_keys_name
        }
      }
    }

    dynamic "secret_environment_variables" {
      for_each = each.value.secrets

      content {
        key        = secret_environment_variables.key
        project_id = var.project_id
        secret     = google_secret_manager_secret.this[secret_environment_variables.value].secret_id
        version    = "latest"
      }
    }
  }

  depends_on = [
    google_secret_manager_secret_version.empty,
    google_secret_manager_secret_version.webhook_secret,
    time_sleep.key_grants,
    time_sleep.roles,
  ]
}

# Who may call which function. --------------------------------------------------------------------------

resource "google_cloud_run_v2_service_iam_member" "api" {
  for_each = toset(local.has_functions ? local.api_callers : [])

  location = var.region
  name     = google_cloudfunctions2_function.this["api"].name
  role     = "roles/run.invoker"
  member   = each.key
}

resource "google_cloud_run_v2_service_iam_member" "push" {
  for_each = { for name, push in local.pushes : name => push if local.has_functions }

  location = var.region
  name     = google_cloudfunctions2_function.this[each.key].name
  role     = "roles/run.invoker"
  member   = google_service_account.this["push"].member
}

resource "google_cloud_run_v2_service_iam_member" "sweep" {
  count = local.has_functions ? 1 : 0

  location = var.region
  name     = google_cloudfunctions2_function.this["sweep"].name
  role     = "roles/run.invoker"
  member   = google_service_account.this["schedule"].member
}

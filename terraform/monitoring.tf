locals {
  # Counters of log lines: functions/contract/telemetry/log.py writes the event as jsonPayload.message and its facts beside it.
  # functions/contract/telemetry/metrics.py makes the same numbers elsewhere; a test holds the two together.
  counters = {
    jobs_admitted    = { events = ["job.admitted"], labels = ["task"], about = "Jobs that the API took in" }
    jobs_ended       = { events = ["job.ended"], labels = ["state"], about = "Jobs that a worker brought to their end" }
    jobs_judged      = { events = ["job.judged"], labels = ["deadline"], about = "Jobs by whether their deadline was kept: slo.tf" }
    jobs_stopped     = { events = ["job.stopped"], labels = ["code", "stage"], about = "Attempts that did not get through" }
    jobs_lost        = { events = ["dead_letter.job_failed"], labels = [], about = "Jobs whose every attempt was lost" }
    set_aside        = { events = ["set_aside", "message.set_aside"], labels = [], about = "What cannot be understood" }
    set_aside_waits  = { events = ["sweep.set_aside_waits"], labels = [], about = "Sweeps that found documents waiting for a person" }
    sweeps           = { events = ["sweep.done"], labels = [], about = "Sweeps that came to their end" }
    webhook_attempts = { events = ["webhook.attempted"], labels = ["state"], about = "Webhook calls" }
    sweep_errors     = { events = ["sweep.failed"], labels = ["code"], about = "Open jobs that sweep could not drive on" }
    no_start         = { events = ["worker.cannot_start", "engine.cannot_start", "marking.cannot_start"], labels = [], about = "Workers and their processes that do not start" }
    unforeseen       = { events = ["job.unforeseen", "engine.unforeseen", "marking.unforeseen", "lane.unforeseen", "api.internal_error"], labels = [], about = "Failures that no code foresaw" }
  }

  # Distributions of a number in a log line. Buckets double: from 10 ms to an hour, from 100 ms, from 256 MiB on.
  distributions = {
    stage_seconds = { event = "stage.done", field = "seconds", unit = "s", label = "stage", scale = 0.01, about = "How long each stage takes" }
    queue_seconds = { event = "job.ended", field = "queue_seconds", unit = "s", label = "state", scale = 0.01, about = "How long jobs wait for a worker" }
    start_seconds = { event = "job.judged", field = "start_seconds", unit = "s", label = "priority", scale = 0.01, about = "From the request until a worker began" }
    job_seconds   = { event = "job.ended", field = "seconds", unit = "s", label = "state", scale = 0.01, about = "From the request to the manifest" }
    gpu_memory    = { event = "engine.done", field = "memory_bytes", unit = "By", label = "model", scale = 268435456, about = "The most that a job takes of the GPU's memory" }
    batch_size    = { event = "engine.done", field = "pictures", unit = "1", label = "model", scale = 1, about = "Pictures that one pass of the engine draws" }
    cold_start_ms = { event = "worker.ready", field = "cold_start_ms", unit = "ms", label = null, scale = 100, about = "From the process's start to readiness" }

    # Its parts, which add up to it.
    cold_start_process_ms  = { event = "worker.ready", field = "process_ms", unit = "ms", label = null, scale = 100, about = "The interpreter and its first imports" }
    cold_start_settings_ms = { event = "worker.ready", field = "settings_ms", unit = "ms", label = null, scale = 100, about = "Configuration and secrets" }
    cold_start_imports_ms  = { event = "worker.ready", field = "imports_ms", unit = "ms", label = null, scale = 100, about = "The engine's process and its libraries" }
    cold_start_download_ms = { event = "worker.ready", field = "download_ms", unit = "ms", label = null, scale = 100, about = "Waiting for the models' files" }
    cold_start_load_ms     = { event = "worker.ready", field = "load_ms", unit = "ms", label = null, scale = 100, about = "Weights to the device" }
    cold_start_compile_ms  = { event = "worker.ready", field = "compile_ms", unit = "ms", label = null, scale = 100, about = "What was compiled before, from its bucket" }
    cold_start_warm_up_ms  = { event = "worker.ready", field = "warm_up_ms", unit = "ms", label = null, scale = 100, about = "The first pass of each model" }
    cold_start_connect_ms  = { event = "worker.ready", field = "connect_ms", unit = "ms", label = null, scale = 100, about = "From the models' readiness to the first job" }
  }

  metric = "logging.googleapis.com/user/${var.name}"
  run    = "resource.type=(\"cloud_run_revision\" OR \"cloud_run_worker_pool\") AND resource.labels.location=\"${var.region}\""
  pods   = try("resource.type = \"k8s_container\" AND resource.labels.namespace_name = \"${var.gke.namespace}\" AND resource.labels.container_name = \"worker\"", null)
  ours   = local.on_gke ? "((${local.run}) OR (${local.pods}))" : local.run

  # Where the worker's lines and numbers come from, as Cloud Monitoring names it.
  worker_resource = local.on_gke ? "k8s_container" : var.worker_runtime == "pool" ? "cloud_run_worker_pool" : "cloud_run_revision"
  worker_label    = var.worker_runtime == "pool" ? "worker_pool_name" : "service_name"

  # How many workers run: Cloud Run counts them; on GKE the containers that report their uptime are counted.
  workers = local.on_gke ? {
    filter  = "metric.type = \"kubernetes.io/container/uptime\" AND ${local.pods}"
    aligner = "ALIGN_MEAN"
    reducer = "REDUCE_COUNT"
    period  = "300s"
    } : {
    filter  = "metric.type = \"run.googleapis.com/container/instance_count\" AND resource.type = \"${local.worker_resource}\" AND resource.labels.${local.worker_label} = \"${local.worker_name}\""
    aligner = "ALIGN_MIN"
    reducer = "REDUCE_SUM"
    period  = "3600s"
  }

  subscriptions = concat(
    [google_pubsub_subscription.worker.name],
    [for subscription in google_pubsub_subscription.push : subscription.name],
  )
  # A queue of low priority may wait: its age opens no alert, its dead letters do.
  every_pubsub = "resource.type = \"pubsub_subscription\" AND resource.labels.subscription_id = monitoring.regex.full_match(\"${join("|", concat(local.subscriptions, [google_pubsub_subscription.worker_low.name]))}\")"
  ours_pubsub  = "resource.type = \"pubsub_subscription\" AND resource.labels.subscription_id = monitoring.regex.full_match(\"${join("|", local.subscriptions)}\")"

  kept_pubsub = "resource.type = \"pubsub_subscription\" AND resource.labels.subscription_id = monitoring.regex.full_match(\"${join("|", [for subscription in google_pubsub_subscription.kept : subscription.name])}\")"

  minute = "60s"

  # Counters of lines that are not Plantain's own: the autoscaler's, which are text, and Cloud Scheduler's.
  # CREMA answers 200 also where it could read no metric and scaled nothing, so only its log shows that.
  foreign_counters = merge(
    !local.autoscaled ? {} : {
      autoscaler_decisions = {
        about  = "Times that the autoscaler decided how many workers there are to be"
        filter = "${local.autoscaler_log} AND textPayload:\"[SCALER] Recommended instances for\""
      }
      autoscaler_errors = {
        about  = "What the autoscaler could not do"
        filter = "${local.autoscaler_log} AND textPayload=~\"^\\[(ERROR|SEVERE|WARNING)\\]\""
      }
    },
    {
      schedule_failures = {
        about  = "Scheduled calls that failed, by job"
        filter = "resource.type=\"cloud_scheduler_job\" AND resource.labels.location=\"${var.region}\" AND resource.labels.job_id=(${join(" OR ", formatlist("\"${var.name}-%s\"", ["sweep", "autoscaler"]))}) AND severity>=ERROR"
      }
    },
  )
  autoscaler_log = "resource.type=\"cloud_run_revision\" AND resource.labels.location=\"${var.region}\" AND resource.labels.service_name=\"${local.autoscaler_name}\""
}

# Numbers from the logs. --------------------------------------------------------------------------------

resource "google_logging_metric" "counter" {
  for_each = local.counters

  name             = "${var.name}/${each.key}"
  description      = each.value.about
  filter           = "${local.ours} AND jsonPayload.message=(${join(" OR ", formatlist("\"%s\"", each.value.events))})"
  label_extractors = { for label in each.value.labels : label => "EXTRACT(jsonPayload.${label})" }

  metric_descriptor {
    metric_kind = "DELTA"
    value_type  = "INT64"
    unit        = "1"

    dynamic "labels" {
      for_each = each.value.labels

      content {
        key        = labels.value
        value_type = "STRING"
      }
    }
  }

  depends_on = [google_project_service.api]
}

resource "google_logging_metric" "distribution" {
  for_each = local.distributions

  name             = "${var.name}/${each.key}"
  description      = each.value.about
  filter           = "${local.ours} AND jsonPayload.message=\"${each.value.event}\" AND jsonPayload.${each.value.field}>=0"
  value_extractor  = "EXTRACT(jsonPayload.${each.value.field})"
  label_extractors = each.value.label == null ? {} : { (each.value.label) = "EXTRACT(jsonPayload.${each.value.label})" }

  metric_descriptor {
    metric_kind = "DELTA"
    value_type  = "DISTRIBUTION"
    unit        = each.value.unit

    dynamic "labels" {
      for_each = each.value.label == null ? [] : [each.value.label]

      content {
        key        = labels.value
        value_type = "STRING"
      }
    }
  }

  bucket_options {
    exponential_buckets {
      num_finite_buckets = 20
      growth_factor      = 2
      scale              = each.value.scale
    }
  }

  depends_on = [google_project_service.api]
}

resource "google_logging_metric" "foreign" {
  for_each = local.foreign_counters

  name        = "${var.name}/${each.key}"
  description = each.value.about
  filter      = each.value.filter

  metric_descriptor {
    metric_kind = "DELTA"
    value_type  = "INT64"
    unit        = "1"
  }

  depends_on = [google_project_service.api]
}

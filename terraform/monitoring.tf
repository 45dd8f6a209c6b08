locals {
  # Counters of log lines: functions/contract/telemetry/log.py writes the event as jsonPayload.message and its facts beside it.
  # functions/contract/telemetry/metrics.py makes the same numbers elsewhere; a test holds the two together.
  counters = {
    jobs_admitted    = { events = ["job.admitted"], labels = ["task"], about = "Jobs that the API took in" }
    jobs_ended       = { events = ["job.ended"], labels = ["state"], about = "Jobs that a worker brought to their end" }
    jobs_stopped     = { events = ["job.stopped"], labels = ["code", "stage"], about = "Attempts that did not get through" }
    jobs_buried      = { events = ["dead_letter.job_failed"], labels = [], about = "Jobs whose every attempt was lost" }
    set_aside        = { events = ["set_aside", "message.set_aside"], labels = [], about = "What cannot be understood" }
    webhook_attempts = { events = ["webhook.attempted"], labels = ["state"], about = "Webhook calls" }
    sweep_errors     = { events = ["sweep.failed"], labels = ["code"], about = "Open jobs that sweep could not drive on" }
    no_start         = { events = ["worker.cannot_start", "engine.cannot_start"], labels = [], about = "Workers and models that do not start" }
    unforeseen       = { events = ["job.unforeseen", "engine.unforeseen", "lane.unforeseen", "api.internal_error"], labels = [], about = "Failures that no code foresaw" }
  }

  # Distributions of a number in a log line. Buckets double: from 10 ms to an hour, from 100 ms, from 256 MiB on.
  distributions = {
    stage_seconds = { event = "stage.done", field = "seconds", unit = "s", label = "stage", scale = 0.01, about = "How long each stage takes" }
    queue_seconds = { event = "job.ended", field = "queue_seconds", unit = "s", label = "state", scale = 0.01, about = "How long jobs wait for a worker" }
    job_seconds   = { event = "job.ended", field = "seconds", unit = "s", label = "state", scale = 0.01, about = "From the request to the manifest" }
    gpu_memory    = { event = "engine.done", field = "memory_bytes", unit = "By", label = "model", scale = 268435456, about = "The most that a job takes of the GPU's memory" }
    batch_size    = { event = "engine.done", field = "pictures", unit = "1", label = "model", scale = 1, about = "Pictures that one pass of the engine draws" }
    cold_start_ms = { event = "worker.ready", field = "cold_start_ms", unit = "ms", label = null, scale = 100, about = "From the process's start to readiness" }
  }

  metric = "logging.googleapis.com/user/${var.name}"
  ours   = "resource.type=(\"cloud_run_revision\" OR \"cloud_run_worker_pool\") AND resource.labels.location=\"${var.region}\""

  # Where the worker's lines and numbers come from, as Cloud Monitoring names it.
  worker_resource = var.worker_runtime == "pool" ? "cloud_run_worker_pool" : "cloud_run_revision"
  worker_label    = var.worker_runtime == "pool" ? "worker_pool_name" : "service_name"

  subscriptions = concat(
    [google_pubsub_subscription.worker.name],
    [for subscription in google_pubsub_subscription.push : subscription.name],
  )
  # A queue of low priority may wait: its age wakes nobody, what it gives up does.
  every_pubsub = "resource.type = \"pubsub_subscription\" AND resource.labels.subscription_id = monitoring.regex.full_match(\"${join("|", concat(local.subscriptions, [google_pubsub_subscription.worker_low.name]))}\")"
  ours_pubsub  = "resource.type = \"pubsub_subscription\" AND resource.labels.subscription_id = monitoring.regex.full_match(\"${join("|", local.subscriptions)}\")"

  minute = "60s"

  # What somebody is woken for, and what they are to do about it.
  alerts = {
    oldest_message = {
      title     = "A queue does not move"
      severity  = "ERROR"
      filter    = "metric.type = \"pubsub.googleapis.com/subscription/oldest_unacked_message_age\" AND ${local.ours_pubsub}"
      divisor   = null
      aligner   = "ALIGN_MAX"
      reducer   = "REDUCE_MAX"
      group     = ["resource.label.subscription_id"]
      period    = local.minute
      duration  = "300s"
      threshold = var.alert_thresholds.oldest_message_seconds
      advice    = "The oldest message waits longer than it should. Look whether workers run (the pool's instance count, worker.cannot_start in the log), and whether the autoscaler does; if all run, raise worker_max_instances."
    }
    dead_letters = {
      title     = "Messages are given up"
      severity  = "ERROR"
      filter    = "metric.type = \"pubsub.googleapis.com/subscription/dead_letter_message_count\" AND ${local.every_pubsub}"
      divisor   = null
      aligner   = "ALIGN_DELTA"
      reducer   = "REDUCE_SUM"
      group     = ["resource.label.subscription_id"]
      period    = "300s"
      duration  = "0s"
      threshold = 0
      advice    = "A message was delivered 20 times in vain. A job of it has failed already (dead_letter.job_failed); what is not a job waits in the dead letter's -kept subscription. Find the cause in the function's log, then send it again: docs/runbooks/dead-letters.md."
    }
    failure_ratio = {
      title     = "Too many jobs fail"
      severity  = "ERROR"
      filter    = "metric.type = \"${local.metric}/jobs_ended\" AND metric.labels.state = \"failed\" AND resource.type = \"${local.worker_resource}\""
      divisor   = "metric.type = \"${local.metric}/jobs_ended\" AND resource.type = \"${local.worker_resource}\""
      aligner   = "ALIGN_DELTA"
      reducer   = "REDUCE_SUM"
      group     = []
      period    = "600s"
      duration  = "600s"
      threshold = var.alert_thresholds.failure_ratio
      advice    = "job.stopped in the worker's log names the stage and the code. One code for one model: that model. Every code: the last deployment; go back to the digest before."
    }
    crash_loop = {
      title     = "Workers do not start"
      severity  = "CRITICAL"
      filter    = "metric.type = \"${local.metric}/no_start\" AND resource.type = \"${local.worker_resource}\""
      divisor   = null
      aligner   = "ALIGN_DELTA"
      reducer   = "REDUCE_SUM"
      group     = []
      period    = "600s"
      duration  = "0s"
      threshold = 2
      advice    = "worker.cannot_start and engine.cannot_start say why: a setting, a secret, a model that cannot be found or does not fit. Every start is paid for: set worker_max_instances to what you accept until it is mended."
    }
    webhooks = {
      title     = "Webhooks are not taken"
      severity  = "WARNING"
      filter    = "metric.type = \"${local.metric}/webhook_attempts\" AND metric.labels.state != \"delivered\" AND resource.type = \"cloud_run_revision\""
      divisor   = null
      aligner   = "ALIGN_DELTA"
      reducer   = "REDUCE_SUM"
      group     = []
      period    = "3600s"
      duration  = "0s"
      threshold = var.alert_thresholds.webhook_failures
      advice    = "webhook.attempted says which jobs and with what answer. They are tried again for three days, and can be replayed afterwards: POST /v1/jobs/JOB/deliveries/replay."
    }
    spend = {
      title     = "Workers run at their maximum for hours"
      severity  = "WARNING"
      filter    = "metric.type = \"run.googleapis.com/container/instance_count\" AND resource.type = \"${local.worker_resource}\" AND resource.labels.${local.worker_label} = \"${local.worker_name}\""
      divisor   = null
      aligner   = "ALIGN_MIN"
      reducer   = "REDUCE_SUM"
      group     = []
      period    = "3600s"
      duration  = "10800s"
      threshold = var.worker_max_instances - 0.5
      advice    = "Each GPU is paid for by the second. Either the load is real, or jobs go round without ending: look at the failure ratio and at job.stopped. docs/runbooks/cost.md has the cost of a picture."
    }
  }
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

# Alerts. -----------------------------------------------------------------------------------------------

resource "google_monitoring_notification_channel" "email" {
  for_each = var.alert_emails

  display_name = "${var.name}: ${each.key}"
  type         = "email"
  labels       = { email_address = each.key }

  depends_on = [google_project_service.api]
}

resource "google_monitoring_alert_policy" "this" {
  for_each = local.alerts

  display_name          = "${var.name}: ${each.value.title}"
  combiner              = "OR"
  severity              = each.value.severity
  notification_channels = [for channel in google_monitoring_notification_channel.email : channel.name]

  conditions {
    display_name = each.value.title

    condition_threshold {
      filter             = each.value.filter
      denominator_filter = each.value.divisor
      comparison         = "COMPARISON_GT"
      threshold_value    = each.value.threshold
      duration           = each.value.duration

      aggregations {
        alignment_period     = each.value.period
        per_series_aligner   = each.value.aligner
        cross_series_reducer = each.value.reducer
        group_by_fields      = each.value.group
      }

      dynamic "denominator_aggregations" {
        for_each = each.value.divisor == null ? [] : [each.value]

        content {
          alignment_period     = denominator_aggregations.value.period
          per_series_aligner   = denominator_aggregations.value.aligner
          cross_series_reducer = denominator_aggregations.value.reducer
        }
      }
    }
  }

  documentation {
    mime_type = "text/markdown"
    content   = each.value.advice
  }

  alert_strategy {
    auto_close = "86400s"
  }

  # A filter may only name metrics that exist, and are known to exist.
  depends_on = [time_sleep.metrics]
}

resource "google_billing_budget" "this" {
  count = var.budget == null ? 0 : 1

  billing_account = var.budget.billing_account
  display_name    = "${var.name} in ${var.project_id}"

  budget_filter {
    projects        = ["projects/${local.number}"]
    calendar_period = "MONTH"
  }

  amount {
    specified_amount {
      currency_code = var.budget.currency
      units         = tostring(floor(var.budget.amount))
    }
  }

  dynamic "threshold_rules" {
    for_each = [0.5, 0.9, 1]

    content {
      threshold_percent = threshold_rules.value
      spend_basis       = "CURRENT_SPEND"
    }
  }

  threshold_rules {
    threshold_percent = 1
    spend_basis       = "FORECASTED_SPEND"
  }

  all_updates_rule {
    monitoring_notification_channels = slice([for channel in google_monitoring_notification_channel.email : channel.id], 0, min(5, length(var.alert_emails)))
    disable_default_iam_recipients   = false
  }

  depends_on = [google_project_service.api]
}

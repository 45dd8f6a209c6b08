locals {
  # When a person is called, and what to do then.
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
    kept_dead_letters = {
      title     = "Dead letters wait for a person"
      severity  = "WARNING"
      filter    = "metric.type = \"pubsub.googleapis.com/subscription/num_undelivered_messages\" AND ${local.kept_pubsub}"
      divisor   = null
      aligner   = "ALIGN_MIN"
      reducer   = "REDUCE_MAX"
      group     = ["resource.label.subscription_id"]
      period    = "300s"
      duration  = "3600s"
      threshold = 0
      advice    = "Messages that were given up have waited for an hour in a -kept subscription. Nothing tries them again, and after a month they are gone. Send them again or acknowledge them: docs/runbooks/dead-letters.md."
    }
    set_aside = {
      title     = "What cannot be understood waits for a person"
      severity  = "WARNING"
      filter    = "metric.type = \"${local.metric}/set_aside_waits\" AND resource.type = \"cloud_run_revision\""
      divisor   = null
      aligner   = "ALIGN_DELTA"
      reducer   = "REDUCE_SUM"
      group     = []
      period    = "3600s"
      duration  = "0s"
      threshold = 0
      advice    = "Documents lie under set-aside/ in the jobs bucket, each with its reason: a message of another program, a record of a newer version, a damaged one. Nothing tries them again. Upgrade, repair or delete them: docs/runbooks/dead-letters.md."
    }
    schedule = {
      title     = "A scheduled job fails"
      severity  = "ERROR"
      filter    = "metric.type = \"${local.metric}/schedule_failures\" AND resource.type = \"cloud_scheduler_job\""
      divisor   = null
      aligner   = "ALIGN_DELTA"
      reducer   = "REDUCE_SUM"
      group     = ["resource.label.job_id"]
      period    = "600s"
      duration  = "0s"
      threshold = 2
      advice    = "Cloud Scheduler could not call the sweep or the autoscaler, three times in ten minutes. The job's log names the status: PERMISSION_DENIED is a missing role, DEADLINE_EXCEEDED a call that took too long, UNAVAILABLE the service itself."
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
      advice    = "worker.cannot_start and engine.cannot_start say why: a setting, a secret, a model that cannot be found or does not fit. Every start is paid for: set worker_max_instances to what you accept until it is fixed."
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
      filter    = local.workers.filter
      divisor   = null
      aligner   = local.workers.aligner
      reducer   = local.workers.reducer
      group     = []
      period    = local.workers.period
      duration  = "10800s"
      threshold = var.worker_max_instances - 0.5
      advice    = "Each GPU is paid for by the second. Either the load is real, or jobs go round without ending: look at the failure ratio and at job.stopped. docs/runbooks/cost.md has the cost of a picture."
    }
  }
}

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

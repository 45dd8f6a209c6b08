# Alerts on shares and on silence. They ask in PromQL: a threshold cannot see a metric without a value, and cannot
# leave out a share of only a few calls.
# https://cloud.google.com/monitoring/promql/promql-mapping

locals {
  # Metrics of the log and their resource, as PromQL spells them: no dots, slashes or hyphens.
  log_metric = "logging_googleapis_com:user_${replace(var.name, "-", "_")}"
  window     = "${var.alert_thresholds.silent_minutes}m"

  # Dispatch answers 5xx to have a job delivered again while the endpoint is busy: the age of its messages shows more.
  watched_functions = [for name in sort(keys(local.functions)) : "${var.name}-${replace(name, "_", "-")}" if name != "dispatch"]
  function_requests = "run_googleapis_com:request_count{monitored_resource=\"cloud_run_revision\",service_name=~\"${join("|", local.watched_functions)}\""

  queries = merge(
    !local.has_functions ? {} : {
      function_errors = {
        title    = "A function answers 5xx"
        severity = "ERROR"
        query    = "sum by (service_name) (increase(${local.function_requests},response_code_class=\"5xx\"}[10m])) > 5 and sum by (service_name) (increase(${local.function_requests},response_code_class=\"5xx\"}[10m])) / sum by (service_name) (increase(${local.function_requests}}[10m])) > ${var.alert_thresholds.function_errors}"
        duration = "300s"
        advice   = "Too many answers of one function are 5xx, and more than five in ten minutes. Its log has the reason: api.internal_error and ….unforeseen are bugs, 503 with memory_busy a function that is too small for its callers, and a 5xx without any line of ours is Cloud Run's (no instance, a timeout, a container that does not start)."
      }
      sweep_silent = {
        title    = "The sweep does not run"
        severity = "ERROR"
        query    = "(sum(increase(${local.log_metric}_sweeps{monitored_resource=\"cloud_run_revision\"}[${local.window}])) or vector(0)) < 1"
        duration = "0s"
        advice   = "No sweep came to its end. Jobs that lost their worker wait, deadlines pass unnoticed and nothing that was deleted is removed. Is the job paused (gcloud scheduler jobs describe), may it call the function, and what does the function's log say?"
      }
    },
    !local.autoscaled ? {} : {
      autoscaler_silent = {
        title    = "The autoscaler decides nothing"
        severity = "ERROR"
        query    = "(sum(increase(${local.log_metric}_autoscaler_decisions{monitored_resource=\"cloud_run_revision\"}[${local.window}])) or vector(0)) < 1"
        duration = "0s"
        advice   = "The number of workers stays as it is, whatever waits. CREMA answers 200 even where it could read no metric, so look at its log: [ERROR] [METRIC-PROVIDER] names the reason. No lines at all: the scheduler's job is paused, or may not call it. Meanwhile set the number by hand: docs/runbooks/alerts.md."
      }
      autoscaler_errors = {
        title    = "The autoscaler fails"
        severity = "WARNING"
        query    = "sum(increase(${local.log_metric}_autoscaler_errors{monitored_resource=\"cloud_run_revision\"}[10m])) > 5"
        duration = "300s"
        advice   = "More than five errors in ten minutes. A metric that cannot be read is left out of the decision, so that workers may be taken away while jobs wait; Failed to scale is a missing role or quota. docs/runbooks/alerts.md."
      }
    },
  )
}

resource "google_monitoring_alert_policy" "query" {
  for_each = local.queries

  display_name          = "${var.name}: ${each.value.title}"
  combiner              = "OR"
  severity              = each.value.severity
  notification_channels = [for channel in google_monitoring_notification_channel.email : channel.name]

  conditions {
    display_name = each.value.title

    condition_prometheus_query_language {
      query               = each.value.query
      duration            = each.value.duration
      evaluation_interval = local.minute
    }
  }

  documentation {
    mime_type = "text/markdown"
    content   = each.value.advice
  }

  alert_strategy {
    auto_close = "86400s"
  }

  # A query may only name metrics that exist, and what is watched must have had time for a first value.
  depends_on = [time_sleep.metrics, google_cloud_scheduler_job.sweep, google_cloud_scheduler_job.autoscaler]
}

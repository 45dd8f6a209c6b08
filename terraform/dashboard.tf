locals {
  # Each chart: what is measured, how it is aggregated, and which field separates its lines.
  charts = [
    { title = "Jobs waiting", unit = "1", by = "resource.label.subscription_id", aligner = "ALIGN_MAX", reducer = "REDUCE_SUM", filter = "metric.type = \"pubsub.googleapis.com/subscription/num_undelivered_messages\" AND ${local.every_pubsub}" },
    { title = "Oldest message", unit = "s", by = "resource.label.subscription_id", aligner = "ALIGN_MAX", reducer = "REDUCE_MAX", filter = "metric.type = \"pubsub.googleapis.com/subscription/oldest_unacked_message_age\" AND ${local.every_pubsub}" },
    { title = "Workers", unit = "1", by = "resource.type", aligner = "ALIGN_MAX", reducer = local.workers.reducer, filter = local.workers.filter },
    { title = "Jobs that ended, by state", unit = "1", by = "metric.label.state", aligner = "ALIGN_DELTA", reducer = "REDUCE_SUM", filter = "metric.type = \"${local.metric}/jobs_ended\"" },
    { title = "Each stage, median", unit = "s", by = "metric.label.stage", aligner = "ALIGN_DELTA", reducer = "REDUCE_PERCENTILE_50", filter = "metric.type = \"${local.metric}/stage_seconds\"" },
    { title = "Each stage, slowest twentieth", unit = "s", by = "metric.label.stage", aligner = "ALIGN_DELTA", reducer = "REDUCE_PERCENTILE_95", filter = "metric.type = \"${local.metric}/stage_seconds\"" },
    { title = "Waiting for a worker, slowest twentieth", unit = "s", by = "metric.label.state", aligner = "ALIGN_DELTA", reducer = "REDUCE_PERCENTILE_95", filter = "metric.type = \"${local.metric}/queue_seconds\"" },
    { title = "Request to manifest, slowest twentieth", unit = "s", by = "metric.label.state", aligner = "ALIGN_DELTA", reducer = "REDUCE_PERCENTILE_95", filter = "metric.type = \"${local.metric}/job_seconds\"" },
    { title = "Cold starts, slowest twentieth", unit = "ms", by = "resource.type", aligner = "ALIGN_DELTA", reducer = "REDUCE_PERCENTILE_95", filter = "metric.type = \"${local.metric}/cold_start_ms\"" },
    { title = "GPU memory, largest twentieth", unit = "By", by = "metric.label.model", aligner = "ALIGN_DELTA", reducer = "REDUCE_PERCENTILE_95", filter = "metric.type = \"${local.metric}/gpu_memory\"" },
    { title = "Attempts that did not get through, by code", unit = "1", by = "metric.label.code", aligner = "ALIGN_DELTA", reducer = "REDUCE_SUM", filter = "metric.type = \"${local.metric}/jobs_stopped\"" },
    { title = "Webhook calls, by state", unit = "1", by = "metric.label.state", aligner = "ALIGN_DELTA", reducer = "REDUCE_SUM", filter = "metric.type = \"${local.metric}/webhook_attempts\"" },
    { title = "Dead letters", unit = "1", by = "resource.label.subscription_id", aligner = "ALIGN_DELTA", reducer = "REDUCE_SUM", filter = "metric.type = \"pubsub.googleapis.com/subscription/dead_letter_message_count\" AND ${local.every_pubsub}" },
  ]
}

resource "google_monitoring_dashboard" "this" {
  dashboard_json = jsonencode({
    displayName = var.name
    mosaicLayout = {
      columns = 12
      tiles = [
        for n, chart in local.charts : {
          xPos   = (n % 3) * 4
          yPos   = floor(n / 3) * 4
          width  = 4
          height = 4
          widget = {
            title = chart.title
            xyChart = {
              dataSets = [{
                plotType = "LINE"
                timeSeriesQuery = {
                  unitOverride = chart.unit
                  timeSeriesFilter = {
                    filter = chart.filter
                    aggregation = {
                      alignmentPeriod    = local.minute
                      perSeriesAligner   = chart.aligner
                      crossSeriesReducer = chart.reducer
                      groupByFields      = [chart.by]
                    }
                  }
                }
              }]
            }
          }
        }
      ]
    }
  })

  depends_on = [google_logging_metric.counter, google_logging_metric.distribution, google_logging_metric.foreign]
}

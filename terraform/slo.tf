# Service level objectives, on what functions log of each job's end: docs/operations.md has the budgets.

locals {
  judged = "metric.type = \"${local.metric}/jobs_judged\" AND resource.type = \"cloud_run_revision\""

  slos = {
    deadline = {
      title = "Jobs end within their deadline"
      goal  = var.slo.deadline_share
    }
    start = {
      title = "Jobs begin within ${var.slo.start_seconds} s"
      goal  = var.slo.start_share
    }
  }

  # How fast the budget of 28 days burns. An hour at ten times its pace spends what is meant for ten hours, a day at
  # twice its pace what is meant for two. The short window ends the alert soon after its cause.
  burns = {
    fast = { title = "fast", severity = "ERROR", rate = 10, long = "3600s", short = "300s" }
    slow = { title = "slowly", severity = "WARNING", rate = 2, long = "86400s", short = "7200s" }
  }

  burn_alerts = { for pair in setproduct(keys(local.slos), keys(local.burns)) : "${pair[0]}_${pair[1]}" => { slo = pair[0], burn = local.burns[pair[1]] } }
}

resource "google_monitoring_custom_service" "this" {
  service_id   = var.name
  display_name = var.name

  depends_on = [google_project_service.api]
}

resource "google_monitoring_slo" "deadline" {
  service             = google_monitoring_custom_service.this.service_id
  slo_id              = "deadline"
  display_name        = local.slos.deadline.title
  goal                = local.slos.deadline.goal
  rolling_period_days = 28

  request_based_sli {
    good_total_ratio {
      good_service_filter = "${local.judged} AND metric.labels.deadline = \"met\""
      bad_service_filter  = "${local.judged} AND metric.labels.deadline = \"missed\""
    }
  }

  depends_on = [time_sleep.metrics]
}

# Jobs of low priority may wait. A job that no worker took is in no distribution: it misses the other objective.
resource "google_monitoring_slo" "start" {
  service             = google_monitoring_custom_service.this.service_id
  slo_id              = "start"
  display_name        = local.slos.start.title
  goal                = local.slos.start.goal
  rolling_period_days = 28

  request_based_sli {
    distribution_cut {
      distribution_filter = "metric.type = \"${local.metric}/start_seconds\" AND resource.type = \"cloud_run_revision\" AND metric.labels.priority = \"normal\""

      range {
        min = 0
        max = var.slo.start_seconds
      }
    }
  }

  depends_on = [time_sleep.metrics]
}

resource "google_monitoring_alert_policy" "burn" {
  for_each = local.burn_alerts

  display_name          = "${var.name}: ${local.slos[each.value.slo].title}: the budget burns ${each.value.burn.title}"
  combiner              = "AND"
  severity              = each.value.burn.severity
  notification_channels = [for channel in google_monitoring_notification_channel.email : channel.name]

  dynamic "conditions" {
    for_each = [each.value.burn.long, each.value.burn.short]

    content {
      display_name = "${each.value.burn.rate} times the budget's pace over ${conditions.value}"

      condition_threshold {
        filter          = "select_slo_burn_rate(\"${each.value.slo == "deadline" ? google_monitoring_slo.deadline.name : google_monitoring_slo.start.name}\", \"${conditions.value}\")"
        comparison      = "COMPARISON_GT"
        threshold_value = each.value.burn.rate
        duration        = "0s"
      }
    }
  }

  documentation {
    mime_type = "text/markdown"
    content   = "More jobs miss the objective than its error budget bears. The dashboard's queues, workers and failures say why; docs/runbooks/alerts.md has the steps, docs/operations.md the budget."
  }

  alert_strategy {
    auto_close = "86400s"
  }

  depends_on = [time_sleep.metrics]
}

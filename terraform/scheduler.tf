# sweep moves on what no other function does. One run takes 50 seconds at most, and the next one goes on from there.
resource "google_cloud_scheduler_job" "sweep" {
  count = local.has_functions ? 1 : 0

  name             = "${var.name}-sweep"
  region           = var.region
  description      = "Looks after open jobs."
  schedule         = var.sweep_schedule
  time_zone        = "Etc/UTC"
  attempt_deadline = "120s"

  http_target {
    http_method = "POST"
    uri         = google_cloudfunctions2_function.this["sweep"].service_config[0].uri

    oidc_token {
      service_account_email = google_service_account.this["schedule"].email
      audience              = google_cloudfunctions2_function.this["sweep"].service_config[0].uri
    }
  }

  # The next run does what this one did not.
  retry_config {
    retry_count = 0
  }

  depends_on = [google_cloud_run_v2_service_iam_member.sweep]
}

# CREMA looks at the backlog when it is called. The metric that it reads is minutes old: more often is no sooner.
resource "google_cloud_scheduler_job" "autoscaler" {
  count = local.autoscaled ? 1 : 0

  name             = local.autoscaler_name
  region           = var.region
  description      = "Sets the number of workers."
  schedule         = "* * * * *"
  time_zone        = "Etc/UTC"
  attempt_deadline = "60s"

  http_target {
    http_method = "POST"
    uri         = google_cloud_run_v2_service.autoscaler[0].uri

    oidc_token {
      service_account_email = google_service_account.this["schedule"].email
      audience              = google_cloud_run_v2_service.autoscaler[0].uri
    }
  }

  retry_config {
    retry_count = 0
  }

  depends_on = [google_cloud_run_v2_service_iam_member.autoscaler]
}

# Google's answer to a change comes before the change is known everywhere. These waits stand between a change and what
# needs it, so that one apply is enough in a new project. They take time once, and again when what they wait for changes.

# A service agent may use the key: https://cloud.google.com/iam/docs/access-change-propagation
resource "time_sleep" "key_grants" {
  count = var.cmek ? 1 : 0

  create_duration = "60s"
  triggers        = { for name, grant in google_kms_crypto_key_iam_member.agent : name => grant.member }
}

# The accounts may build, read their secrets, pull and write: a new role takes up to a minute, and a build or a
# container that starts before it has it fails.
resource "time_sleep" "roles" {
  create_duration = "90s"
  triggers        = { for name, account in google_service_account.this : name => account.unique_id }

  depends_on = [
    google_artifact_registry_repository_iam_member.build_writes,
    google_kms_crypto_key_iam_member.worker_signs,
    google_project_iam_member.build_reads_source,
    google_project_iam_member.this,
    google_pubsub_subscription_iam_member.worker_pulls,
    google_pubsub_topic_iam_member.publisher,
    google_secret_manager_secret_iam_member.reader,
    google_storage_bucket_iam_member.access,
  ]
}

# A metric from the logs can be named in an alert up to ten minutes after it was made; until then the alert is a 404:
# https://github.com/hashicorp/terraform-provider-google/issues/11102
resource "time_sleep" "metrics" {
  create_duration = "600s"
  triggers        = { for name, metric in merge(google_logging_metric.counter, google_logging_metric.distribution, google_logging_metric.foreign) : name => metric.id }
}

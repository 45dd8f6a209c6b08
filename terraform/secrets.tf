locals {
  secrets = merge(
    {
      # Each owner's secret is made of this one and the owner's name; a few owners may have their own beside it.
      webhook-secret  = { readers = ["api", "uploads", "deliver", "sweep"] }
      webhook-secrets = { readers = ["api", "deliver", "sweep"] }
      watermark-key   = { readers = ["worker"] }

      # What marked pictures before the last rotation; they are still to be verified.
      watermark-retired-keys = { readers = ["worker"] }
    },
    var.api_keys ? { api-keys = { readers = local.key_readers } } : {},
    var.content_credentials == "off" ? {} : { credentials-chain = { readers = ["worker"] } },
    var.content_credentials == "pem" ? { credentials-key = { readers = ["worker"] } } : {},
  )

  secret_readers = merge([
    for secret, facts in local.secrets : { for identity in facts.readers : "${secret}/${identity}" => { secret = secret, identity = identity } }
  ]...)
}

# In one region, like the data.
resource "google_secret_manager_secret" "this" {
  for_each = local.secrets

  secret_id           = "${var.name}-${each.key}"
  deletion_protection = !var.dev

  replication {
    user_managed {
      replicas {
        location = var.region

        dynamic "customer_managed_encryption" {
          for_each = local.key

          content {
            kms_key_name = customer_managed_encryption.value
          }
        }
      }
    }
  }

  depends_on = [google_project_service.api, time_sleep.key_grants]
}

resource "google_secret_manager_secret_iam_member" "reader" {
  for_each = local.secret_readers

  secret_id = google_secret_manager_secret.this[each.value.secret].id
  role      = "roles/secretmanager.secretAccessor"
  member    = google_service_account.this[each.value.identity].member
}

# First values, so that one apply is enough. They are write-only: neither the plan nor the state ever holds them,
# and uuid(), which is new in every run, takes effect in the first one alone. Each uuid has 122 random bits.

# One key for each version, and none is ever removed.
resource "google_secret_manager_secret_version" "watermark_key" {
  for_each = toset([for version in range(1, var.watermark_key_version + 1) : tostring(version)])

  secret                 = google_secret_manager_secret.this["watermark-key"].id
  secret_data_wo         = sha256("${uuid()}${uuid()}${uuid()}")
  secret_data_wo_version = each.key
  deletion_policy        = "ABANDON"
}

# Later ones are added by hand, two side by side during a change: docs/runbooks/rotate-keys.md.
resource "google_secret_manager_secret_version" "webhook_secret" {
  secret                 = google_secret_manager_secret.this["webhook-secret"].id
  secret_data_wo         = "whsec_${base64sha256("${uuid()}${uuid()}${uuid()}")}"
  secret_data_wo_version = "1"
  deletion_policy        = "ABANDON"
}

# No API keys (plantain keys adds versions), no retired keys (version → key) and no owner's own webhook secrets
# (owner → secrets) yet: maps, as JSON.
resource "google_secret_manager_secret_version" "empty" {
  for_each = toset(concat(["watermark-retired-keys", "webhook-secrets"], var.api_keys ? ["api-keys"] : []))

  secret                 = google_secret_manager_secret.this[each.key].id
  secret_data_wo         = "{}"
  secret_data_wo_version = "1"
  deletion_policy        = "ABANDON"
}

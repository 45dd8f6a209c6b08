locals {
  signs_by_kms = var.content_credentials == "kms"

  # The key as a list of none or one, as dynamic blocks and one() take it.
  key = google_kms_crypto_key.this[*].id

  # Every product that stores something for us, and so encrypts it. Vertex AI only where it is used.
  encrypting = var.cmek ? setsubtract(keys(local.agents), var.vertex == null ? ["aiplatform"] : []) : toset([])
}

resource "google_kms_key_ring" "this" {
  count = var.cmek || local.signs_by_kms ? 1 : 0

  name     = var.name
  location = var.region

  depends_on = [google_project_service.api]
}

resource "google_kms_crypto_key" "this" {
  #checkov:skip=CKV_GCP_82:prevent_destroy takes no variable, and dev deployments are destroyed; a key that is destroyed can be restored for 30 days
  count = var.cmek ? 1 : 0

  name                       = "${var.name}-data"
  key_ring                   = google_kms_key_ring.this[0].id
  purpose                    = "ENCRYPT_DECRYPT"
  rotation_period            = "7776000s" # 90 days
  destroy_scheduled_duration = "2592000s" # 30 days in which a mistake can be taken back
}

# Before anything is encrypted: each such resource waits for these.
resource "google_kms_crypto_key_iam_member" "agent" {
  for_each = local.encrypting

  crypto_key_id = google_kms_crypto_key.this[0].id
  role          = "roles/cloudkms.cryptoKeyEncrypterDecrypter"
  member        = local.agents[each.key]
}

# The key that signs pictures, where it is not to leave Cloud KMS. A certificate authority issues its certificate.
resource "google_kms_crypto_key" "signing" {
  #checkov:skip=CKV_GCP_82:prevent_destroy takes no variable, and dev deployments are destroyed; a key that is destroyed can be restored for 30 days
  count = local.signs_by_kms ? 1 : 0

  name                       = "${var.name}-credentials"
  key_ring                   = google_kms_key_ring.this[0].id
  purpose                    = "ASYMMETRIC_SIGN"
  destroy_scheduled_duration = "2592000s"

  version_template {
    algorithm        = "EC_SIGN_P256_SHA256"
    protection_level = "HSM"
  }
}

resource "google_kms_crypto_key_iam_member" "worker_signs" {
  for_each = toset(local.signs_by_kms ? ["roles/cloudkms.signer", "roles/cloudkms.publicKeyViewer"] : [])

  crypto_key_id = google_kms_crypto_key.signing[0].id
  role          = each.key
  member        = google_service_account.this["worker"].member
}

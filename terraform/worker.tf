locals {
  # The least that Cloud Run takes with each GPU is in variables.tf; with these a 4K job is fast.
  sizes = {
    none                = { cpu = 4, memory = 8 }
    nvidia-l4           = { cpu = 8, memory = 32 }
    nvidia-rtx-pro-6000 = { cpu = 20, memory = 80 }
  }
  worker_cpu    = coalesce(var.worker_cpu, local.sizes[var.accelerator].cpu)
  worker_memory = coalesce(var.worker_memory_gib, local.sizes[var.accelerator].memory)
  has_gpu       = (var.gke == null ? var.accelerator : var.gke.accelerator) != "none"

  worker_limits = merge(
    { cpu = tostring(local.worker_cpu), memory = "${local.worker_memory}Gi" },
    local.has_gpu ? { "nvidia.com/gpu" = "1" } : {},
  )

  worker_settings = merge(
    local.settings,
    {
      PLANTAIN_DATA                  = "/tmp/plantain"
      PLANTAIN_WATERMARK_KEY_VERSION = tostring(var.watermark_key_version)
      PLANTAIN_HEALTH_PORT           = tostring(local.health_port)
    },
    {
      gemini = {
        PLANTAIN_IMAGE_CLASSIFIER    = "gemini"
        PLANTAIN_CLASSIFIER_MODEL    = var.safety.classifier_model
        PLANTAIN_CLASSIFIER_LOCATION = coalesce(var.safety.classifier_location, "global")
      }
      shieldgemma = { PLANTAIN_IMAGE_CLASSIFIER = "shieldgemma", PLANTAIN_SHIELDGEMMA = var.safety.shieldgemma }
      none        = { PLANTAIN_SAFETY_FAIL_CLOSED = "false" }
    }[var.safety.image_classifier],
    # A GPU is paid for: a worker that cannot use it does not start, instead of computing on the CPU.
    local.has_gpu ? { PLANTAIN_DEVICE = "cuda", PLANTAIN_COMPILE_CACHE_BUCKET = google_storage_bucket.compiled[0].name } : {},
    var.content_credentials == "off" ? { PLANTAIN_CREDENTIALS = "off" } : {},
    { PLANTAIN_INGREDIENT_CREDENTIALS = var.ingredient_credentials },
    local.signs_by_kms ? { PLANTAIN_CREDENTIALS_KMS_KEY = "${google_kms_crypto_key.signing[0].id}/cryptoKeyVersions/${var.credentials_key_version}" } : {},
  )

  worker_secrets = merge(
    {
      PLANTAIN_WATERMARK_KEY = {
        secret  = "watermark-key"
        version = google_secret_manager_secret_version.watermark_key[tostring(var.watermark_key_version)].version
      }
      PLANTAIN_WATERMARK_RETIRED_KEYS = { secret = "watermark-retired-keys", version = "latest" }
    },
    var.content_credentials == "off" ? {} : { PLANTAIN_CREDENTIALS_CHAIN = { secret = "credentials-chain", version = "latest" } },
    var.content_credentials == "pem" ? { PLANTAIN_CREDENTIALS_KEY = { secret = "credentials-key", version = "latest" } } : {},
  )

  is_pool    = local.has_worker && var.gke == null && var.worker_runtime == "pool"
  is_service = local.has_worker && var.gke == null && var.worker_runtime == "service"

  health_port = 8080

  model_mounts = google_storage_bucket.models[*].name

  # As CREMA names what it scales.
  worker_kind = var.worker_runtime == "pool" ? "workerpools" : "services"
  worker_path = "projects/${var.project_id}/locations/${var.region}/${local.worker_kind}/${local.worker_name}"
  worker_name = "${var.name}-worker"
}

resource "google_cloud_run_v2_worker_pool" "worker" {
  count = local.is_pool ? 1 : 0

  name                = local.worker_name
  location            = var.region
  description         = google_service_account.this["worker"].display_name
  deletion_protection = !var.dev
  launch_stage        = "BETA" # GPUs in pools

  scaling {
    scaling_mode          = "MANUAL"
    manual_instance_count = var.worker_min_instances
  }

  template {
    service_account               = google_service_account.this["worker"].email
    encryption_key                = one(local.key)
    gpu_zonal_redundancy_disabled = local.has_gpu ? !var.gpu_zonal_redundancy : null

    dynamic "vpc_access" {
      for_each = var.vpc[*]

      content {
        egress = local.egress

        network_interfaces {
          network    = vpc_access.value.network
          subnetwork = vpc_access.value.subnetwork
          tags       = vpc_access.value.tags
        }
      }
    }

    dynamic "node_selector" {
      for_each = local.has_gpu ? [var.accelerator] : []

      content {
        accelerator = node_selector.value
      }
    }

    containers {
      image = var.worker_image

      resources {
        limits = local.worker_limits
      }

      # No caller waits for a pool's readiness: a model may take longer to load than the four
      # minutes that a startup probe may wait.
      liveness_probe {
        period_seconds    = 30
        failure_threshold = 4

        http_get {
          path = "/healthz"
          port = local.health_port
        }
      }

      dynamic "env" {
        for_each = local.worker_settings

        content {
          name  = env.key
          value = env.value
        }
      }

      dynamic "env" {
        for_each = local.worker_secrets

        content {
          name = env.key

          value_source {
            secret_key_ref {
              secret  = google_secret_manager_secret.this[env.value.secret].secret_id
              version = env.value.version
            }
          }
        }
      }

      dynamic "volume_mounts" {
        for_each = local.model_mounts

        content {
          name       = "models"
          mount_path = "/models"
        }
      }
    }

    dynamic "volumes" {
      for_each = local.model_mounts

      content {
        name = "models"

        gcs {
          bucket    = volumes.value
          read_only = true
        }
      }
    }
  }

  # The autoscaler or a person sets the count: an apply does not reset it.
  lifecycle {
    ignore_changes = [scaling[0].manual_instance_count]
  }

  depends_on = [
    google_secret_manager_secret_version.empty,
    time_sleep.key_grants,
    time_sleep.roles,
  ]
}

# The same container where there are no pools. It pulls as well; its port only answers health checks.
resource "google_cloud_run_v2_service" "worker" {
  count = local.is_service ? 1 : 0

  name                 = local.worker_name
  location             = var.region
  description          = google_service_account.this["worker"].display_name
  deletion_protection  = !var.dev
  ingress              = "INGRESS_TRAFFIC_INTERNAL_ONLY"
  default_uri_disabled = true

  scaling {
    scaling_mode          = "MANUAL"
    manual_instance_count = var.worker_min_instances
  }

  template {
    service_account               = google_service_account.this["worker"].email
    encryption_key                = one(local.key)
    gpu_zonal_redundancy_disabled = local.has_gpu ? !var.gpu_zonal_redundancy : null

    dynamic "vpc_access" {
      for_each = var.vpc[*]

      content {
        egress = local.egress

        network_interfaces {
          network    = vpc_access.value.network
          subnetwork = vpc_access.value.subnetwork
          tags       = vpc_access.value.tags
        }
      }
    }

    dynamic "node_selector" {
      for_each = local.has_gpu ? [var.accelerator] : []

      content {
        accelerator = node_selector.value
      }
    }

    containers {
      image = var.worker_image

      ports {
        container_port = local.health_port
      }

      # It works between requests too, of which there are none.
      resources {
        limits            = local.worker_limits
        cpu_idle          = false
        startup_cpu_boost = true
      }

      startup_probe {
        period_seconds    = 10
        failure_threshold = 24

        http_get {
          path = "/readyz"
        }
      }

      liveness_probe {
        period_seconds    = 30
        failure_threshold = 4

        http_get {
          path = "/healthz"
        }
      }

      dynamic "env" {
        for_each = local.worker_settings

        content {
          name  = env.key
          value = env.value
        }
      }

      dynamic "env" {
        for_each = local.worker_secrets

        content {
          name = env.key

          value_source {
            secret_key_ref {
              secret  = google_secret_manager_secret.this[env.value.secret].secret_id
              version = env.value.version
            }
          }
        }
      }

      dynamic "volume_mounts" {
        for_each = local.model_mounts

        content {
          name       = "models"
          mount_path = "/models"
        }
      }
    }

    dynamic "volumes" {
      for_each = local.model_mounts

      content {
        name = "models"

        gcs {
          bucket    = volumes.value
          read_only = true
        }
      }
    }
  }

  lifecycle {
    ignore_changes = [scaling[0].manual_instance_count]
  }

  depends_on = [
    google_secret_manager_secret_version.empty,
    time_sleep.key_grants,
    time_sleep.roles,
  ]
}

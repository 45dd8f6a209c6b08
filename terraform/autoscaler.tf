# CREMA: KEDA's scalers, run on Cloud Run, which set the worker's number of instances.
# https://github.com/GoogleCloudPlatform/cloud-run-external-metrics-autoscaling

locals {
  autoscaler_name = "${var.name}-autoscaler"

  crema = {
    apiVersion = "crema/v1"
    kind       = "CremaConfig"
    spec = {
      triggerAuthentications = [
        {
          metadata = { name = "own-identity" }
          spec     = { podIdentity = { provider = "gcp" } }
        },
      ]
      scaledObjects = [
        {
          spec = {
            scaleTargetRef  = { name = local.worker_path }
            minReplicaCount = var.worker_min_instances
            maxReplicaCount = var.worker_max_instances
            # Of both queues the one that asks for more workers counts.
            triggers = [
              for subscription in [google_pubsub_subscription.worker, google_pubsub_subscription.worker_low] : {
                type = "gcp-pubsub"
                metadata = {
                  subscriptionName = subscription.id
                  # Jobs that are being worked on count as well: their workers are not taken away.
                  mode            = "SubscriptionSize"
                  value           = tostring(var.backlog_per_worker)
                  activationValue = "0"

                  # A number shows up to four minutes after its minute. KEDA looks back for two unless it is told, finds
                  # none now and then (keda 5855), and CREMA goes on with the other queue alone: none waits there, so
                  # the workers go. A queue that has no number for longer is empty (keda 5896).
                  timeHorizon = "5m"
                  valueIfNull = "0"
                }
                authenticationRef = { name = "own-identity" }
              }
            ]
            advanced = {
              horizontalPodAutoscalerConfig = {
                behavior = {
                  scaleUp = {
                    stabilizationWindowSeconds = 0
                    policies                   = [{ type = "Pods", value = var.worker_max_instances, periodSeconds = 60 }]
                  }
                  # A model takes longer to load than a picture to draw: a worker stays for a while.
                  scaleDown = {
                    stabilizationWindowSeconds = 300
                    policies                   = [{ type = "Pods", value = var.worker_max_instances, periodSeconds = 60 }]
                  }
                }
              }
            }
          }
        },
      ]
    }
  }
}

resource "google_parameter_manager_parameter" "crema" {
  count = local.autoscaled ? 1 : 0

  parameter_id = "${var.name}-crema"
  format       = "YAML"

  depends_on = [google_project_service.api]
}

# A version never changes: its name is the hash of what it says, so that the autoscaler gets a new one.
resource "google_parameter_manager_parameter_version" "crema" {
  count = local.autoscaled ? 1 : 0

  parameter            = google_parameter_manager_parameter.crema[0].id
  parameter_version_id = "v-${substr(sha256(yamlencode(local.crema)), 0, 16)}"
  parameter_data       = yamlencode(local.crema)

  lifecycle {
    create_before_destroy = true
  }
}

resource "google_cloud_run_v2_service" "autoscaler" {
  count = local.autoscaled ? 1 : 0

  name                = local.autoscaler_name
  location            = var.region
  description         = google_service_account.this["autoscaler"].display_name
  deletion_protection = !var.dev
  ingress             = "INGRESS_TRAFFIC_INTERNAL_ONLY"

  template {
    service_account                  = google_service_account.this["autoscaler"].email
    max_instance_request_concurrency = 1
    timeout                          = "60s"

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

    # One, and never two: they would undo each other's work.
    scaling {
      min_instance_count = 0
      max_instance_count = 1
    }

    containers {
      image = var.autoscaler_image
      # The image is made from scratch: Cloud Run puts Google's patched Java below it.
      base_image_uri = "${var.region}-docker.pkg.dev/serverless-runtimes/google-24/runtimes/java25"

      resources {
        limits   = { cpu = "1", memory = "1Gi" }
        cpu_idle = true
      }

      env {
        name  = "CREMA_CONFIG"
        value = google_parameter_manager_parameter_version.crema[0].name
      }
    }
  }

  depends_on = [
    google_service_account_iam_member.autoscaler_uses_worker,
    time_sleep.roles,
  ]
}

resource "google_cloud_run_v2_service_iam_member" "autoscaler" {
  count = local.autoscaled ? 1 : 0

  location = var.region
  name     = google_cloud_run_v2_service.autoscaler[0].name
  role     = "roles/run.invoker"
  member   = google_service_account.this["schedule"].member
}

# It may change the worker, and nothing else.
resource "google_cloud_run_v2_worker_pool_iam_member" "autoscaler_scales" {
  count = local.autoscaled && local.is_pool ? 1 : 0

  location = var.region
  name     = google_cloud_run_v2_worker_pool.worker[0].name
  role     = "roles/run.developer"
  member   = google_service_account.this["autoscaler"].member
}

resource "google_cloud_run_v2_service_iam_member" "autoscaler_scales" {
  count = local.autoscaled && local.is_service ? 1 : 0

  location = var.region
  name     = google_cloud_run_v2_service.worker[0].name
  role     = "roles/run.developer"
  member   = google_service_account.this["autoscaler"].member
}

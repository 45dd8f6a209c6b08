# The worker on a GKE cluster of your own instead of Cloud Run: docs/gke.md. The cluster and KEDA exist already. Here is
# what they need of the project, and the kustomize overlay that puts this deployment's values on gke/base.

locals {
  on_gke = local.has_worker && var.gke != null

  # Which Kubernetes account acts as which identity: NAMESPACE/ACCOUNT, as Workload Identity Federation names it.
  kubernetes_accounts = local.on_gke ? {
    worker     = "${var.gke.namespace}/worker"
    autoscaler = "${var.gke.keda_namespace}/keda-operator"
  } : {}

  # The GPU is asked for in both places, or in none: null takes out what gke/base has.
  gke_gpus = local.has_gpu ? "1" : null

  gke_overlay = local.on_gke ? {
    apiVersion = "kustomize.config.k8s.io/v1beta1"
    kind       = "Kustomization"
    namespace  = var.gke.namespace
    resources  = ["../base"]
    images = [
      { name = "worker", newName = split("@", var.worker_image)[0], digest = split("@", var.worker_image)[1] },
    ]
    patches = [
      for patch in [
        {
          apiVersion = "v1"
          kind       = "ServiceAccount"
          metadata = {
            name        = "worker"
            annotations = { "iam.gke.io/gcp-service-account" = google_service_account.this["worker"].email }
          }
        },
        {
          apiVersion = "apps/v1"
          kind       = "Deployment"
          metadata   = { name = "worker" }
          spec = {
            template = {
              spec = {
                nodeSelector = local.has_gpu ? { "cloud.google.com/gke-accelerator" = var.gke.accelerator } : null
                containers = [{
                  name = "worker"
                  env  = [for name, value in local.environment_by_name : { name = name, value = value }]
                  resources = {
                    requests = {
                      cpu                 = tostring(var.gke.cpu)
                      memory              = "${var.gke.memory_gib}Gi"
                      "ephemeral-storage" = "${var.gke.disk_gib}Gi"
                      "nvidia.com/gpu"    = local.gke_gpus
                    }
                    limits = {
                      memory              = "${var.gke.memory_gib}Gi"
                      "ephemeral-storage" = "${var.gke.disk_gib}Gi"
                      "nvidia.com/gpu"    = local.gke_gpus
                    }
                  }
                }]
              }
            }
          }
        },
        {
          apiVersion = "keda.sh/v1alpha1"
          kind       = "ScaledObject"
          metadata   = { name = "worker" }
          # CREMA's own rule, on another target: KEDA's scalers run in both.
          spec = merge(local.crema.spec.scaledObjects[0].spec, { scaleTargetRef = { name = "worker" } })
        },
      ] : { patch = yamlencode(patch) }
    ]
  } : null
}

# A Kubernetes account acts as a Google one. The pool PROJECT.svc.id.goog exists once a cluster of the project has
# Workload Identity Federation.
resource "google_service_account_iam_member" "kubernetes" {
  for_each = local.kubernetes_accounts

  service_account_id = google_service_account.this[each.key].name
  role               = "roles/iam.workloadIdentityUser"
  member             = "serviceAccount:${var.project_id}.svc.id.goog[${each.value}]"
}

# The nodes pull the image, as an account of their own.
resource "google_artifact_registry_repository_iam_member" "nodes_read" {
  count = local.on_gke && try(var.gke.node_account, null) != null ? 1 : 0

  location   = var.region
  repository = google_artifact_registry_repository.this["images"].name
  role       = "roles/artifactregistry.reader"
  member     = "serviceAccount:${var.gke.node_account}"
}

output "gke_overlay" {
  description = "The kustomization.yaml that goes beside gke/base: docs/gke.md. It names secrets and holds none. Null without gke."
  value       = local.on_gke ? yamlencode(local.gke_overlay) : null
}

output "keda_account" {
  description = "The Google account that KEDA's operator acts as, to read the backlog. Null without gke."
  value       = local.on_gke ? google_service_account.this["autoscaler"].email : null
}

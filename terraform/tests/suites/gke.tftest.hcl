# The worker on GKE: what Terraform makes for it, and whether the manifests in gke/ say what Terraform says.
# A suite of its own, which python -m tools.check_terraform runs: docs/traps.md says why.

mock_provider "google" {
  source = "./tests/mocks"
}

mock_provider "time" {}

variables {
  project_id    = "test-project"
  region        = "europe-west4"
  functions_zip = null # make bundle may have left one
  worker_image  = "europe-west4-docker.pkg.dev/test-project/plantain-images/worker@sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
  safety        = { classifier_location = "eu" }
}

run "by_default" {
  command = apply

  variables {
    gke = {}
  }

  assert {
    condition     = length(google_cloud_run_v2_worker_pool.worker) == 0 && length(google_cloud_run_v2_service.worker) == 0 && output.worker == null
    error_message = "On GKE there is no second worker on Cloud Run, which would take the same jobs."
  }

  assert {
    condition     = length(google_cloud_run_v2_service.autoscaler) == 0 && length(google_cloud_scheduler_job.autoscaler) == 0 && length(google_parameter_manager_parameter.crema) == 0 && !contains(keys(google_project_service.api), "parametermanager")
    error_message = "On GKE KEDA scales: nothing of CREMA is left."
  }

  assert {
    condition     = { for part, grant in google_service_account_iam_member.kubernetes : "${grant.role} ${grant.member}" => grant.service_account_id } == { "roles/iam.workloadIdentityUser serviceAccount:test-project.svc.id.goog[plantain/worker]" = google_service_account.this["worker"].name, "roles/iam.workloadIdentityUser serviceAccount:test-project.svc.id.goog[keda/keda-operator]" = google_service_account.this["autoscaler"].name }
    error_message = "The worker's pods act as the worker, KEDA's operator as the autoscaler, and no other account as either."
  }

  assert {
    condition     = contains(keys(google_project_iam_member.this), "autoscaler/monitoring.viewer") && !contains(keys(google_project_iam_member.this), "autoscaler/parametermanager.parameterViewer") && length(google_service_account_iam_member.autoscaler_uses_worker) == 0
    error_message = "KEDA reads the backlog, and may not act as the worker."
  }

  assert {
    condition     = length(google_artifact_registry_repository_iam_member.nodes_read) == 0
    error_message = "Nodes that were not named are granted nothing."
  }

  # The base says what Terraform says where nothing is set. ---------------------------------------------

  assert {
    condition     = yamldecode(file("${path.module}/gke/base/namespace.yaml")).metadata.name == var.gke.namespace && yamldecode(file("${path.module}/gke/base/kustomization.yaml")).namespace == var.gke.namespace && yamldecode(file("${path.module}/gke/base/service-account.yaml")).metadata.name == "worker" && yamldecode(file("${path.module}/gke/base/deployment.yaml")).spec.template.spec.serviceAccountName == "worker"
    error_message = "The pods run under another account than the one that Terraform lets act as the worker."
  }

  assert {
    condition     = toset(fileset("${path.module}/gke/base", "*.yaml")) == toset(concat(["kustomization.yaml"], yamldecode(file("${path.module}/gke/base/kustomization.yaml")).resources))
    error_message = "A manifest of the base is not applied."
  }

  assert {
    condition     = yamldecode(file("${path.module}/gke/base/deployment.yaml")).spec.template.spec.terminationGracePeriodSeconds >= 15 + tonumber(one([for env in yamldecode(file("${path.module}/gke/base/deployment.yaml")).spec.template.spec.containers[0].env : env.value if env.name == "PLANTAIN_GRACE_SECONDS"]))
    error_message = "Kubernetes kills the worker before its grace period for jobs is over, and 15 seconds to end."
  }

  assert {
    condition     = one([for env in yamldecode(file("${path.module}/gke/base/deployment.yaml")).spec.template.spec.containers[0].env : env.value if env.name == "PLANTAIN_HEALTH_PORT"]) == local.worker_settings.PLANTAIN_HEALTH_PORT && one([for port in yamldecode(file("${path.module}/gke/base/deployment.yaml")).spec.template.spec.containers[0].ports : tostring(port.containerPort) if port.name == "health"]) == local.worker_settings.PLANTAIN_HEALTH_PORT
    error_message = "The worker tells its health on another port than Kubernetes asks."
  }

  assert {
    condition     = yamldecode(file("${path.module}/gke/base/deployment.yaml")).spec.template.spec.containers[0].readinessProbe.httpGet == { path = "/readyz", port = "health" } && yamldecode(file("${path.module}/gke/base/deployment.yaml")).spec.template.spec.containers[0].livenessProbe.httpGet == { path = "/healthz", port = "health" }
    error_message = "The probes ask what the worker does not answer."
  }

  assert {
    condition     = alltrue([for kind in ["requests", "limits"] : yamldecode(file("${path.module}/gke/base/deployment.yaml")).spec.template.spec.containers[0].resources[kind]["nvidia.com/gpu"] == "1"]) && yamldecode(file("${path.module}/gke/base/deployment.yaml")).spec.template.spec.nodeSelector["cloud.google.com/gke-accelerator"] == var.gke.accelerator
    error_message = "A worker without a GPU does not start: PLANTAIN_DEVICE is cuda."
  }

  assert {
    condition     = yamldecode(file("${path.module}/gke/base/deployment.yaml")).spec.template.spec.containers[0].resources == yamldecode(yamldecode(output.gke_overlay).patches[1].patch).spec.template.spec.containers[0].resources
    error_message = "The base gives a worker something else than Terraform does by default."
  }

  assert {
    condition     = alltrue([for labels in [yamldecode(file("${path.module}/gke/base/deployment.yaml")).spec.template.metadata.labels, yamldecode(file("${path.module}/gke/base/disruption-budget.yaml")).spec.selector.matchLabels, yamldecode(file("${path.module}/gke/base/network-policy.yaml")).spec.podSelector.matchLabels] : labels == yamldecode(file("${path.module}/gke/base/deployment.yaml")).spec.selector.matchLabels])
    error_message = "The disruption budget or the network policy is of other pods."
  }

  assert {
    condition = (
      yamldecode(file("${path.module}/gke/base/deployment.yaml")).spec.template.spec.securityContext.runAsUser == 10001
      && yamldecode(file("${path.module}/gke/base/deployment.yaml")).spec.template.spec.securityContext.runAsNonRoot
      && yamldecode(file("${path.module}/gke/base/deployment.yaml")).spec.template.spec.containers[0].securityContext.readOnlyRootFilesystem
      && !yamldecode(file("${path.module}/gke/base/deployment.yaml")).spec.template.spec.containers[0].securityContext.allowPrivilegeEscalation
      && startswith(local.worker_settings.PLANTAIN_DATA, "${yamldecode(file("${path.module}/gke/base/deployment.yaml")).spec.template.spec.containers[0].volumeMounts[0].mountPath}/")
    )
    error_message = "The container may do more than the image needs, or cannot write where Terraform tells it to."
  }

  assert {
    condition     = { for field, value in yamldecode(split("\n---\n", file("${path.module}/gke/base/scaling.yaml"))[1]).spec : field => value if !contains(["triggers", "scaleTargetRef", "cooldownPeriod"], field) } == { for field, value in yamldecode(yamlencode(local.crema)).spec.scaledObjects[0].spec : field => value if !contains(["triggers", "scaleTargetRef"], field) }
    error_message = "The base scales by other figures than Cloud Run's autoscaler."
  }

  assert {
    condition     = [for trigger in yamldecode(split("\n---\n", file("${path.module}/gke/base/scaling.yaml"))[1]).spec.triggers : trigger.metadata.subscriptionName] == [google_pubsub_subscription.worker.name, google_pubsub_subscription.worker_low.name]
    error_message = "The base watches other subscriptions than the worker pulls from."
  }

  assert {
    condition     = [for trigger in yamldecode(split("\n---\n", file("${path.module}/gke/base/scaling.yaml"))[1]).spec.triggers : merge(trigger, { metadata = { for field, value in trigger.metadata : field => value if field != "subscriptionName" } })] == [for trigger in yamldecode(yamlencode(local.crema)).spec.scaledObjects[0].spec.triggers : merge(trigger, { metadata = { for field, value in trigger.metadata : field => value if field != "subscriptionName" } })]
    error_message = "The base watches its subscriptions by other figures than Cloud Run's autoscaler."
  }

  assert {
    condition     = yamldecode(split("\n---\n", file("${path.module}/gke/base/scaling.yaml"))[1]).spec.cooldownPeriod == local.crema.spec.scaledObjects[0].spec.advanced.horizontalPodAutoscalerConfig.behavior.scaleDown.stabilizationWindowSeconds
    error_message = "The last worker is taken away sooner or later than the others."
  }

  assert {
    condition     = yamldecode(split("\n---\n", file("${path.module}/gke/base/scaling.yaml"))[0]).spec == yamldecode(yamlencode(local.crema)).spec.triggerAuthentications[0].spec && yamldecode(split("\n---\n", file("${path.module}/gke/base/scaling.yaml"))[0]).metadata.name == local.crema.spec.triggerAuthentications[0].metadata.name
    error_message = "KEDA reads the backlog as another account than its operator."
  }

  # Watching. ---------------------------------------------------------------------------------------------

  assert {
    condition     = alltrue([for metric in merge(google_logging_metric.counter, google_logging_metric.distribution) : strcontains(metric.filter, "resource.type = \"k8s_container\" AND resource.labels.namespace_name = \"plantain\"") && strcontains(metric.filter, "cloud_run_revision")])
    error_message = "The worker's log is looked for on Cloud Run alone."
  }

  assert {
    condition     = alltrue([for name in ["failure_ratio", "crash_loop"] : strcontains(google_monitoring_alert_policy.this[name].conditions[0].condition_threshold[0].filter, "resource.type = \"k8s_container\"")])
    error_message = "An alert on the worker looks at Cloud Run."
  }

  assert {
    condition     = strcontains(google_monitoring_alert_policy.this["spend"].conditions[0].condition_threshold[0].filter, "kubernetes.io/container/uptime") && google_monitoring_alert_policy.this["spend"].conditions[0].condition_threshold[0].aggregations[0].cross_series_reducer == "REDUCE_COUNT" && strcontains(google_monitoring_dashboard.this.dashboard_json, "kubernetes.io/container/uptime")
    error_message = "Workers on GKE are counted by their containers."
  }
}

run "as_configured" {
  command = apply

  variables {
    weights              = "bucket"
    models               = { klein = "/models/FLUX.2-klein-4B", starter = "worker/embedded_model" }
    default_model        = "klein"
    worker_max_instances = 8
    worker_min_instances = 1
    backlog_per_worker   = 4
    content_credentials  = "pem"
    gke                  = { namespace = "pictures", node_account = "nodes@test-project.iam.gserviceaccount.com", accelerator = "nvidia-h100-80gb", cpu = 16, memory_gib = 128, disk_gib = 100 }
  }

  assert {
    condition     = toset(yamldecode(yamldecode(output.gke_overlay).patches[1].patch).spec.template.spec.containers[0].env[*].name) == toset(concat(keys(local.worker_settings), keys(local.worker_secrets)))
    error_message = "The worker on GKE is told something else than the worker on Cloud Run."
  }

  assert {
    condition     = { for env in yamldecode(yamldecode(output.gke_overlay).patches[1].patch).spec.template.spec.containers[0].env : env.name => env.value if !contains(concat(["PLANTAIN_MODELS"], keys(local.worker_secrets)), env.name) } == { for name, value in local.worker_settings : name => value if name != "PLANTAIN_MODELS" }
    error_message = "A setting differs between GKE and Cloud Run."
  }

  assert {
    condition     = alltrue([for env in yamldecode(yamldecode(output.gke_overlay).patches[1].patch).spec.template.spec.containers[0].env : can(regex("^sm://.+/versions/[^/]+$", env.value)) if contains(keys(local.worker_secrets), env.name)])
    error_message = "A secret's value stands in a manifest: its name does."
  }

  assert {
    condition     = jsondecode(one([for env in yamldecode(yamldecode(output.gke_overlay).patches[1].patch).spec.template.spec.containers[0].env : env.value if env.name == "PLANTAIN_MODELS"])) == { klein = "gs://test-project-plantain-models/FLUX.2-klein-4B", starter = "worker/embedded_model" }
    error_message = "Models come from their bucket, which is not mounted on GKE."
  }

  assert {
    condition     = toset(yamldecode(yamldecode(file("${path.module}/gke/example/kustomization.yaml")).patches[1].patch).spec.template.spec.containers[0].env[*].name) == toset(yamldecode(yamldecode(output.gke_overlay).patches[1].patch).spec.template.spec.containers[0].env[*].name) && length(yamldecode(file("${path.module}/gke/example/kustomization.yaml")).patches) == length(yamldecode(output.gke_overlay).patches)
    error_message = "The example has other settings than Terraform writes."
  }

  assert {
    condition     = length(setintersection(["PLANTAIN_GRACE_SECONDS", "LD_LIBRARY_PATH"], yamldecode(yamldecode(output.gke_overlay).patches[1].patch).spec.template.spec.containers[0].env[*].name)) == 0
    error_message = "The overlay undoes what the base has for Kubernetes."
  }

  assert {
    condition     = yamldecode(yamldecode(output.gke_overlay).patches[2].patch).spec == merge(yamldecode(yamlencode(local.crema)).spec.scaledObjects[0].spec, { scaleTargetRef = { name = "worker" } }) && [for trigger in yamldecode(yamldecode(output.gke_overlay).patches[2].patch).spec.triggers : trigger.metadata.subscriptionName] == [google_pubsub_subscription.worker.id, google_pubsub_subscription.worker_low.id]
    error_message = "KEDA scales by another rule than CREMA, or watches other subscriptions than the worker pulls from."
  }

  assert {
    condition     = yamldecode(yamldecode(output.gke_overlay).patches[0].patch).metadata == { name = "worker", annotations = { "iam.gke.io/gcp-service-account" = google_service_account.this["worker"].email } } && output.keda_account == google_service_account.this["autoscaler"].email
    error_message = "The pods act as another account than the worker."
  }

  assert {
    condition     = "${yamldecode(output.gke_overlay).images[0].newName}@${yamldecode(output.gke_overlay).images[0].digest}" == var.worker_image
    error_message = "Another image runs on GKE than was named."
  }

  assert {
    condition     = google_artifact_registry_repository_iam_member.nodes_read[0].role == "roles/artifactregistry.reader" && google_artifact_registry_repository_iam_member.nodes_read[0].member == "serviceAccount:nodes@test-project.iam.gserviceaccount.com" && google_artifact_registry_repository_iam_member.nodes_read[0].repository == google_artifact_registry_repository.this["images"].name
    error_message = "Nodes read the worker's image, and nothing else."
  }

  assert {
    condition     = google_service_account_iam_member.kubernetes["worker"].member == "serviceAccount:test-project.svc.id.goog[pictures/worker]" && yamldecode(output.gke_overlay).namespace == "pictures"
    error_message = "The namespace is what was asked for, in both places."
  }
}

run "without_a_gpu" {
  command = apply

  variables {
    gke = { accelerator = "none", cpu = 4, memory_gib = 8 }
  }

  assert {
    condition     = yamldecode(yamldecode(output.gke_overlay).patches[1].patch).spec.template.spec.nodeSelector == null && alltrue([for kind in ["requests", "limits"] : yamldecode(yamldecode(output.gke_overlay).patches[1].patch).spec.template.spec.containers[0].resources[kind]["nvidia.com/gpu"] == null])
    error_message = "No GPU is asked for where there is to be none."
  }

  assert {
    condition     = !contains(yamldecode(yamldecode(output.gke_overlay).patches[1].patch).spec.template.spec.containers[0].env[*].name, "PLANTAIN_DEVICE")
    error_message = "A worker without a GPU is not told to use one."
  }
}

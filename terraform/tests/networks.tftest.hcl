# A shared network, and a front door of Cloud Armor alone, applied to a provider that is not there. With all else, and
# without them: deployment.tftest.hcl, which says why there are few runs.

mock_provider "google" {
  source = "./tests/mocks"
}

mock_provider "time" {}

variables {
  project_id    = "test-project"
  region        = "europe-west4"
  functions_zip = "tests/functions.zip"
  worker_image  = "europe-west4-docker.pkg.dev/test-project/plantain-images/worker@sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
  safety        = { classifier_location = "eu" }
}

run "behind_cloud_armor" {
  command = plan

  variables {
    worker_runtime = "service"
    api_invokers   = ["user:ada@example.com"]
    api_gateways   = { "gateway@test-project.iam.gserviceaccount.com" = "X-Apigateway-Api-Userinfo" }
    api_ingress    = "internal-and-cloud-load-balancing"
    vpc            = { network = "projects/host/global/networks/shared", subnetwork = "projects/host/regions/europe-west4/subnetworks/apps" }
    front_door     = { domains = ["api.example.com"], cloud_armor = { rules = ["sqli-v33-stable"], enforce_rules = true } }
  }

  assert {
    condition     = alltrue([for function in google_cloudfunctions2_function.this : function.service_config[0].direct_vpc_egress == "VPC_EGRESS_PRIVATE_RANGES_ONLY" && function.service_config[0].direct_vpc_network_interface[0].subnetwork == "projects/host/regions/europe-west4/subnetworks/apps"]) && google_cloud_run_v2_service.worker[0].template[0].vpc_access[0].egress == "PRIVATE_RANGES_ONLY" && google_cloud_run_v2_service.worker[0].template[0].vpc_access[0].network_interfaces[0].network == "projects/host/global/networks/shared"
    error_message = "A shared network is named in full, and public addresses are not called through it."
  }

  assert {
    condition     = length(google_compute_router_nat.egress) == 0 && length(google_compute_address.egress) == 0 && output.egress_address == null
    error_message = "No address was asked for."
  }

  assert {
    condition     = length(google_compute_backend_service.api[0].iap) == 0 && length(google_iap_web_backend_service_iam_member.caller) == 0 && length(google_compute_security_policy.front_door) == 1 && !contains(keys(google_project_service.api), "iap")
    error_message = "Cloud Armor stands there alone."
  }

  assert {
    condition     = [for rule in google_compute_security_policy.front_door[0].rule : rule.preview if rule.action == "deny(403)"] == [false]
    error_message = "Rules that are to be enforced are."
  }

  assert {
    condition     = toset([for grant in google_cloud_run_v2_service_iam_member.api : "${grant.role} ${grant.member}"]) == toset(["roles/run.invoker user:ada@example.com", "roles/run.invoker serviceAccount:gateway@test-project.iam.gserviceaccount.com"])
    error_message = "Behind Cloud Armor Cloud Run checks who calls: those that were named, and the gateways."
  }

  assert {
    condition     = jsondecode(google_cloudfunctions2_function.this["api"].service_config[0].environment_variables["PLANTAIN_GATEWAYS"]) == { "gateway@test-project.iam.gserviceaccount.com" = "X-Apigateway-Api-Userinfo" } && !contains(keys(google_cloudfunctions2_function.this["api"].service_config[0].environment_variables), "PLANTAIN_IAP_AUDIENCE")
    error_message = "A gateway's callers are told from each other."
  }

  assert {
    condition     = google_cloudfunctions2_function.this["api"].service_config[0].ingress_settings == "ALLOW_INTERNAL_AND_GCLB"
    error_message = "The front door cannot be gone around."
  }
}

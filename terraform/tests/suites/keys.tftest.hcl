# An API that is open to all who have a key, applied to a provider that is not there.

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

run "open_to_keys" {
  command = plan

  variables {
    api_keys     = true
    api_public   = true
    api_invokers = ["user:ada@example.com"]
    limits       = { "*" = { jobs_at_once = 20, jobs_per_minute = 60 }, batch = { jobs_at_once = 500 } }
  }

  assert {
    condition     = toset([for grant in google_cloud_run_v2_service_iam_member.api : "${grant.role} ${grant.member}"]) == toset(["roles/run.invoker user:ada@example.com", "roles/run.invoker allUsers"])
    error_message = "Cloud Run does not let everybody in."
  }

  assert {
    condition     = !contains(keys(google_cloudfunctions2_function.this["api"].service_config[0].environment_variables), "PLANTAIN_INVOKER_CHECK")
    error_message = "The API is told that Cloud Run checks who calls, and it does not."
  }

  assert {
    condition     = google_cloudfunctions2_function.this["api"].service_config[0].environment_variables["PLANTAIN_API_KEYS_FILE"] == "/secrets/api-keys/keys.json" && google_cloudfunctions2_function.this["api"].service_config[0].secret_volumes[0].mount_path == "/secrets/api-keys"
    error_message = "The API does not know its keys."
  }

  assert {
    condition     = toset([for name, function in google_cloudfunctions2_function.this : name if function.service_config[0].ingress_settings != "ALLOW_INTERNAL_ONLY"]) == toset(["api"])
    error_message = "Another function is open as well."
  }

  assert {
    condition     = alltrue([for function in google_cloudfunctions2_function.this : jsondecode(function.service_config[0].environment_variables["PLANTAIN_LIMITS"]) == { "*" = { jobs_at_once = 20, jobs_per_minute = 60 }, batch = { jobs_at_once = 500 } }])
    error_message = "A function does not know the limits of owners."
  }
}

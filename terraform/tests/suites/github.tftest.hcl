# Deploying from GitHub: who may act as whom, without a key.
# A suite of its own, which python -m tools.check_terraform runs: docs/traps.md says why.

mock_provider "google" {
  source = "./tests/mocks"

  override_resource {
    target = google_iam_workload_identity_pool.github
    values = { name = "projects/123456789012/locations/global/workloadIdentityPools/plantain-github" }
  }
}

mock_provider "time" {}

variables {
  project_id    = "test-project"
  region        = "europe-west4"
  functions_zip = null # make bundle may have left one
}

run "unasked" {
  command = plan

  assert {
    condition     = length(google_iam_workload_identity_pool.github) == 0 && length(google_iam_workload_identity_pool_provider.github) == 0 && length(google_service_account_iam_member.github) == 0 && output.github == null && !contains(keys(google_project_service.api), "sts") && length([for part in keys(google_service_account.this) : part if startswith(part, "github")]) == 0
    error_message = "GitHub may do nothing unless a repository was named."
  }
}

run "a_repository" {
  command = apply

  variables {
    github_repository = { name = "example/plantain", id = "1234567" }
  }

  assert {
    condition     = toset(split(" && ", google_iam_workload_identity_pool_provider.github[0].attribute_condition)) == toset(["assertion.repository == 'example/plantain'", "assertion.repository_id == '1234567'", "assertion.workflow_ref == 'example/plantain/.github/workflows/deploy.yml@refs/heads/main'"])
    error_message = "A token is taken of another repository, of one that got the same name, of another workflow, or of a pull request."
  }

  assert {
    condition     = google_iam_workload_identity_pool_provider.github[0].oidc[0].issuer_uri == "https://token.actions.githubusercontent.com" && google_iam_workload_identity_pool_provider.github[0].workload_identity_pool_id == google_iam_workload_identity_pool.github[0].workload_identity_pool_id
    error_message = "Tokens are GitHub's."
  }

  assert {
    condition     = google_iam_workload_identity_pool_provider.github[0].attribute_mapping["attribute.may"] == "has(assertion.environment) && assertion.environment == 'production' ? 'apply' : 'plan'"
    error_message = "Only a job of the protected environment may apply."
  }

  assert {
    condition     = { for may, grant in google_service_account_iam_member.github : may => "${grant.service_account_id} ${grant.role} ${grant.member}" } == { for may in ["plan", "apply"] : may => "${google_service_account.this["github_${may}"].name} roles/iam.workloadIdentityUser principalSet://iam.googleapis.com/projects/123456789012/locations/global/workloadIdentityPools/plantain-github/attribute.may/${may}" }
    error_message = "A job acts as the account of what it may do, and as no other."
  }

  assert {
    condition     = google_artifact_registry_repository_iam_member.github_writes[0].member == google_service_account.this["github_plan"].member && google_artifact_registry_repository_iam_member.github_writes[0].role == "roles/artifactregistry.writer" && google_artifact_registry_repository_iam_member.github_writes[0].repository == google_artifact_registry_repository.this["images"].name
    error_message = "The build pushes the worker's image, and nothing else."
  }

  assert {
    condition     = length([for key in keys(google_project_iam_member.this) : key if startswith(key, "github")]) == 0
    error_message = "What GitHub may do in the project is granted by a person: docs/cicd.md."
  }

  assert {
    condition     = length([for file in fileset(path.module, "*.tf") : file if strcontains(file("${path.module}/${file}"), "google_service_account_key")]) == 0
    error_message = "There is a key that can be lost."
  }

  assert {
    condition     = contains(keys(google_project_service.api), "sts") && alltrue([for account in google_service_account.this : length(account.account_id) <= 30])
    error_message = "Tokens are exchanged by an API of their own."
  }
}

# GitHub's workflow .github/workflows/deploy.yml acts as two accounts of this project, and holds no key: docs/cicd.md.

locals {
  github_accounts = var.github_repository == null ? {} : { plan = "github_plan", apply = "github_apply" }

  # Names can be given away and taken by others; the id stays the repository's. The file and its branch say which code
  # asks: a pull request's workflow has another ref.
  github_condition = var.github_repository == null ? "false" : join(" && ", [
    "assertion.repository == '${var.github_repository.name}'",
    "assertion.repository_id == '${var.github_repository.id}'",
    "assertion.workflow_ref == '${var.github_repository.name}/.github/workflows/deploy.yml@refs/heads/${var.github_repository.branch}'",
  ])
}

resource "google_iam_workload_identity_pool" "github" {
  count = var.github_repository == null ? 0 : 1

  workload_identity_pool_id = "${var.name}-github"
  display_name              = "${var.name}: GitHub"
  description               = "Workflows of ${var.github_repository.name}"

  depends_on = [google_project_service.api]
}

resource "google_iam_workload_identity_pool_provider" "github" {
  #checkov:skip=CKV_GCP_125:The condition names the repository, its number and the workflow's file and branch; the check knows sub alone, which GitHub writes in two ways
  count = var.github_repository == null ? 0 : 1

  workload_identity_pool_id          = google_iam_workload_identity_pool.github[0].workload_identity_pool_id
  workload_identity_pool_provider_id = "github"
  display_name                       = "GitHub Actions"
  attribute_condition                = local.github_condition

  # GitHub writes the subject in two ways, by the repository's age. So nothing is granted by it.
  # https://github.blog/changelog/2026-04-23-immutable-subject-claims-for-github-actions-oidc-tokens
  attribute_mapping = {
    "google.subject" = "assertion.sub"
    "attribute.may"  = "has(assertion.environment) && assertion.environment == '${var.github_repository.environment}' ? 'apply' : 'plan'"
  }

  oidc {
    issuer_uri = "https://token.actions.githubusercontent.com"
  }
}

# A job of the protected environment may apply. Every other job of the workflow may build and plan.
resource "google_service_account_iam_member" "github" {
  for_each = local.github_accounts

  service_account_id = google_service_account.this[each.value].name
  role               = "roles/iam.workloadIdentityUser"
  member             = "principalSet://iam.googleapis.com/${google_iam_workload_identity_pool.github[0].name}/attribute.may/${each.key}"
}

resource "google_artifact_registry_repository_iam_member" "github_writes" {
  count = var.github_repository == null ? 0 : 1

  location   = var.region
  repository = google_artifact_registry_repository.this["images"].name
  role       = "roles/artifactregistry.writer"
  member     = google_service_account.this["github_plan"].member
}

output "github" {
  description = "What the workflow's variables are set to: docs/cicd.md. Null without github_repository."
  value = var.github_repository == null ? null : {
    GCP_WORKLOAD_IDENTITY_PROVIDER = google_iam_workload_identity_pool_provider.github[0].name
    GCP_PLAN_ACCOUNT               = google_service_account.this["github_plan"].email
    GCP_APPLY_ACCOUNT              = google_service_account.this["github_apply"].email
  }
}

# What is refused, one mistake at a time. The folder has the variables and nothing else, so that no provider is
# asked: see the note in deployment.tftest.hcl.

variables {
  project_id = "test-project"
  region     = "europe-west4"
}

run "what_is_allowed" {
  command = plan

  module {
    source = "./tests/variables"
  }

  variables {
    functions_zip         = "tests/functions.zip"
    worker_image          = "europe-west4-docker.pkg.dev/test-project/plantain-images/worker@sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
    accelerator           = "nvidia-rtx-pro-6000"
    safety                = { classifier_location = "global" }
    worker_cpu            = 20
    worker_memory_gib     = 80
    models                = { klein = "black-forest-labs/FLUX.2-klein-4B@0123456789abcdef0123456789abcdef01234567", weights = "gs://models/klein", small = "sdxl@0123456789abcdef0123456789abcdef01234567" }
    default_model         = "klein"
    vertex                = { models = ["klein", "weights", "small"] } # on a worker they would land in memory: a warning
    autoscaler_image      = "example.com/autoscaler@sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
    api_invokers          = ["user:me@example.com", "principalSet://iam.googleapis.com/pool/*", "domain:example.com"]
    upload_origins        = ["https://studio.example.com:8443"]
    soft_delete_days      = 0
    watermark_key_version = 255
    budget                = { billing_account = "012345-6789AB-CDEF01", amount = 1 }
  }

  assert {
    condition     = var.retention_days["jobs/jobs/"] >= var.retention_days["results/"] && var.budget.currency == "USD"
    error_message = "What is not said has a sensible default."
  }
}

run "a_project_number" {
  command = plan

  module {
    source = "./tests/variables"
  }

  variables {
    project_id = "123456789012"
  }

  expect_failures = [var.project_id]
}

run "a_project_id_in_capitals" {
  command = plan

  module {
    source = "./tests/variables"
  }

  variables {
    project_id = "Test-Project"
  }

  expect_failures = [var.project_id]
}

run "a_zone" {
  command = plan

  module {
    source = "./tests/variables"
  }

  variables {
    region = "europe-west4-a"
  }

  expect_failures = [var.region]
}

run "a_multi_region" {
  command = plan

  module {
    source = "./tests/variables"
  }

  variables {
    region = "EU"
  }

  expect_failures = [var.region]
}

run "a_zip_that_is_not_there" {
  command = plan

  module {
    source = "./tests/variables"
  }

  variables {
    functions_zip = "tests/nothing.zip"
  }

  expect_failures = [var.functions_zip]
}

run "a_zip_that_is_none" {
  command = plan

  module {
    source = "./tests/variables"
  }

  variables {
    functions_zip = "versions.tf"
  }

  expect_failures = [var.functions_zip]
}

run "a_tag_for_a_digest" {
  command = plan

  module {
    source = "./tests/variables"
  }

  variables {
    worker_image = "europe-west4-docker.pkg.dev/test-project/plantain-images/worker:latest"
  }

  expect_failures = [var.worker_image]
}

run "a_digest_that_is_short" {
  command = plan

  module {
    source = "./tests/variables"
  }

  variables {
    worker_image = "europe-west4-docker.pkg.dev/test-project/plantain-images/worker@sha256:0123456789abcdef"
  }

  expect_failures = [var.worker_image]
}

run "a_long_name" {
  command = plan

  module {
    source = "./tests/variables"
  }

  variables {
    name = "plantain-production"
  }

  expect_failures = [var.name]
}

run "a_name_in_capitals" {
  command = plan

  module {
    source = "./tests/variables"
  }

  variables {
    name = "Plantain"
  }

  expect_failures = [var.name]
}

run "a_label_in_capitals" {
  command = plan

  module {
    source = "./tests/variables"
  }

  variables {
    labels = { Team = "pictures" }
  }

  expect_failures = [var.labels]
}

run "an_unknown_runtime" {
  command = plan

  module {
    source = "./tests/variables"
  }

  variables {
    worker_runtime = "job"
  }

  expect_failures = [var.worker_runtime]
}

run "an_unknown_accelerator" {
  command = plan

  module {
    source = "./tests/variables"
  }

  variables {
    accelerator = "nvidia-tesla-t4"
  }

  expect_failures = [var.accelerator]
}

run "cpus_that_there_are_none_of" {
  command = plan

  module {
    source = "./tests/variables"
  }

  variables {
    worker_cpu = 5
  }

  expect_failures = [var.worker_cpu]
}

run "too_few_cpus_for_an_l4" {
  command = plan

  module {
    source = "./tests/variables"
  }

  variables {
    worker_cpu = 2
  }

  expect_failures = [var.worker_cpu]
}

run "too_few_cpus_for_an_rtx_pro_6000" {
  command = plan

  module {
    source = "./tests/variables"
  }

  variables {
    accelerator = "nvidia-rtx-pro-6000"
    worker_cpu  = 16
  }

  expect_failures = [var.worker_cpu]
}

run "too_little_memory_for_an_l4" {
  command = plan

  module {
    source = "./tests/variables"
  }

  variables {
    worker_memory_gib = 8
  }

  expect_failures = [var.worker_memory_gib]
}

run "too_little_memory_for_an_rtx_pro_6000" {
  command = plan

  module {
    source = "./tests/variables"
  }

  variables {
    accelerator       = "nvidia-rtx-pro-6000"
    worker_memory_gib = 64
  }

  expect_failures = [var.worker_memory_gib]
}

run "more_memory_than_there_is" {
  command = plan

  module {
    source = "./tests/variables"
  }

  variables {
    worker_memory_gib = 256
  }

  expect_failures = [var.worker_memory_gib]
}

run "weights_from_nowhere" {
  command = plan

  module {
    source = "./tests/variables"
  }

  variables {
    weights = "hub"
  }

  expect_failures = [var.weights]
}

run "a_hub_id_that_is_not_pinned" {
  command = plan

  module {
    source = "./tests/variables"
  }

  variables {
    models = { starter = "black-forest-labs/FLUX.2-klein-4B" }
  }

  expect_failures = [var.models]
}

run "a_known_model_that_is_not_pinned" {
  command = plan

  module {
    source = "./tests/variables"
  }

  variables {
    models = { starter = "klein" }
  }

  expect_failures = [var.models]
}

run "a_name_that_is_no_known_model" {
  command = plan

  module {
    source = "./tests/variables"
  }

  variables {
    models = { starter = "dalle@0123456789abcdef0123456789abcdef01234567" }
  }

  expect_failures = [var.models]
}

run "a_default_model_that_is_none" {
  command = plan

  module {
    source = "./tests/variables"
  }

  variables {
    models        = { starter = "worker/embedded_model" }
    default_model = "klein"
  }

  expect_failures = [var.default_model]
}

run "models_without_the_default" {
  command = plan

  module {
    source = "./tests/variables"
  }

  variables {
    models = { klein = "/models/klein" }
  }

  expect_failures = [var.default_model]
}

run "no_worker_at_most" {
  command = plan

  module {
    source = "./tests/variables"
  }

  variables {
    worker_max_instances = 0
  }

  expect_failures = [var.worker_max_instances]
}

run "half_a_worker" {
  command = plan

  module {
    source = "./tests/variables"
  }

  variables {
    worker_max_instances = 1.5
  }

  expect_failures = [var.worker_max_instances]
}

run "a_minimum_above_the_maximum" {
  command = plan

  module {
    source = "./tests/variables"
  }

  variables {
    worker_max_instances = 2
    worker_min_instances = 3
  }

  expect_failures = [var.worker_min_instances]
}

run "an_autoscaler_by_another_tag" {
  command = plan

  module {
    source = "./tests/variables"
  }

  variables {
    autoscaler_image = "example.com/autoscaler:latest"
  }

  expect_failures = [var.autoscaler_image]
}

run "no_backlog" {
  command = plan

  module {
    source = "./tests/variables"
  }

  variables {
    backlog_per_worker = 0
  }

  expect_failures = [var.backlog_per_worker]
}

run "everybody" {
  command = plan

  module {
    source = "./tests/variables"
  }

  variables {
    api_invokers = ["allUsers"]
  }

  expect_failures = [var.api_invokers]
}

run "everybody_with_an_account" {
  command = plan

  module {
    source = "./tests/variables"
  }

  variables {
    api_invokers = ["allAuthenticatedUsers"]
  }

  expect_failures = [var.api_invokers]
}

run "everybody_without_keys" {
  command = plan

  module {
    source = "./tests/variables"
  }

  variables {
    api_public = true
  }

  expect_failures = [var.api_public]
}

run "everybody_around_iap" {
  command = plan

  module {
    source = "./tests/variables"
  }

  variables {
    api_public = true
    api_keys   = true
    front_door = { domains = ["api.example.com"], iap = true }
  }

  expect_failures = [var.api_public]
}

run "no_jobs_at_all" {
  command = plan

  module {
    source = "./tests/variables"
  }

  variables {
    limits = { "*" = { jobs_at_once = 0 } }
  }

  expect_failures = [var.limits]
}

run "more_jobs_than_are_counted" {
  command = plan

  module {
    source = "./tests/variables"
  }

  variables {
    limits = { "*" = { jobs_per_minute = 10001 } }
  }

  expect_failures = [var.limits]
}

run "too_many_warm" {
  command = plan

  module {
    source = "./tests/variables"
  }

  variables {
    api_min_instances = 11
  }

  expect_failures = [var.api_min_instances]
}

run "no_instances" {
  command = plan

  module {
    source = "./tests/variables"
  }

  variables {
    functions_max_instances = 0
  }

  expect_failures = [var.functions_max_instances]
}

run "a_foreign_setting" {
  command = plan

  module {
    source = "./tests/variables"
  }

  variables {
    settings = { LD_PRELOAD = "/tmp/x.so" }
  }

  expect_failures = [var.settings]
}

run "a_secret_as_a_setting" {
  command = plan

  module {
    source = "./tests/variables"
  }

  variables {
    settings = { PLANTAIN_WEBHOOK_SECRET = "whsec_x" }
  }

  expect_failures = [var.settings]
}

run "a_bucket_as_a_setting" {
  command = plan

  module {
    source = "./tests/variables"
  }

  variables {
    settings = { PLANTAIN_RESULTS_BUCKET = "mine" }
  }

  expect_failures = [var.settings]
}

run "a_cron_line_of_four" {
  command = plan

  module {
    source = "./tests/variables"
  }

  variables {
    sweep_schedule = "* * * *"
  }

  expect_failures = [var.sweep_schedule]
}

run "every_origin" {
  command = plan

  module {
    source = "./tests/variables"
  }

  variables {
    upload_origins = ["*"]
  }

  expect_failures = [var.upload_origins]
}

run "an_origin_in_the_clear" {
  command = plan

  module {
    source = "./tests/variables"
  }

  variables {
    upload_origins = ["http://studio.example.com"]
  }

  expect_failures = [var.upload_origins]
}

run "a_bucket_as_an_address" {
  command = plan

  module {
    source = "./tests/variables"
  }

  variables {
    input_buckets = ["gs://photographs"]
  }

  expect_failures = [var.input_buckets]
}

run "nothing_kept" {
  command = plan

  module {
    source = "./tests/variables"
  }

  variables {
    retention_days = { "results/" = 0 }
  }

  expect_failures = [var.retention_days]
}

run "records_gone_before_results" {
  command = plan

  module {
    source = "./tests/variables"
  }

  variables {
    retention_days = { "results/" = 90, "jobs/jobs/" = 30 }
  }

  expect_failures = [var.retention_days]
}

run "a_soft_delete_of_three_days" {
  command = plan

  module {
    source = "./tests/variables"
  }

  variables {
    soft_delete_days = 3
  }

  expect_failures = [var.soft_delete_days]
}

run "no_watermark_key" {
  command = plan

  module {
    source = "./tests/variables"
  }

  variables {
    watermark_key_version = 0
  }

  expect_failures = [var.watermark_key_version]
}

run "more_watermark_keys_than_fit" {
  command = plan

  module {
    source = "./tests/variables"
  }

  variables {
    watermark_key_version = 256
  }

  expect_failures = [var.watermark_key_version]
}

run "an_endpoint_by_name" {
  command = plan

  module {
    source = "./tests/variables"
  }

  variables {
    vertex = { endpoint_id = "plantain" }
  }

  expect_failures = [var.vertex]
}

run "a_remote_model_that_is_none" {
  command = plan

  module {
    source = "./tests/variables"
  }

  variables {
    models        = { klein = "/models/klein" }
    default_model = "klein"
    vertex        = { models = ["starter"] }
  }

  expect_failures = [var.vertex]
}

run "no_address" {
  command = plan

  module {
    source = "./tests/variables"
  }

  variables {
    alert_emails = ["on-call"]
  }

  expect_failures = [var.alert_emails]
}

run "an_age_of_a_second" {
  command = plan

  module {
    source = "./tests/variables"
  }

  variables {
    alert_thresholds = { oldest_message_seconds = 1 }
  }

  expect_failures = [var.alert_thresholds]
}

run "a_ratio_in_percent" {
  command = plan

  module {
    source = "./tests/variables"
  }

  variables {
    alert_thresholds = { failure_ratio = 5 }
  }

  expect_failures = [var.alert_thresholds]
}

run "no_failures_at_all" {
  command = plan

  module {
    source = "./tests/variables"
  }

  variables {
    alert_thresholds = { webhook_failures = 0 }
  }

  expect_failures = [var.alert_thresholds]
}

run "a_billing_account_by_name" {
  command = plan

  module {
    source = "./tests/variables"
  }

  variables {
    budget = { billing_account = "ours", amount = 100 }
  }

  expect_failures = [var.budget]
}

run "a_budget_of_nothing" {
  command = plan

  module {
    source = "./tests/variables"
  }

  variables {
    budget = { billing_account = "012345-6789AB-CDEF01", amount = 0 }
  }

  expect_failures = [var.budget]
}

run "an_unknown_currency" {
  command = plan

  module {
    source = "./tests/variables"
  }

  variables {
    budget = { billing_account = "012345-6789AB-CDEF01", amount = 100, currency = "euros" }
  }

  expect_failures = [var.budget]
}

run "recipes_that_expire" {
  command = plan

  module {
    source = "./tests/variables"
  }

  variables {
    retention_days = { "uploads/recipes/" = 7 }
  }

  expect_failures = [var.retention_days]
}

run "markers_of_open_jobs_that_expire" {
  command = plan

  module {
    source = "./tests/variables"
  }

  variables {
    retention_days = { "jobs/open/" = 7 }
  }

  expect_failures = [var.retention_days]
}

run "an_unknown_classifier" {
  command = plan

  module {
    source = "./tests/variables"
  }

  variables {
    safety = { image_classifier = "hope" }
  }

  expect_failures = [var.safety]
}

run "a_text_classifier_that_functions_lack" {
  command = plan

  module {
    source = "./tests/variables"
  }

  variables {
    safety = { text_classifier = "gemini" }
  }

  expect_failures = [var.safety]
}

run "shieldgemma_from_nowhere" {
  command = plan

  module {
    source = "./tests/variables"
  }

  variables {
    safety = { image_classifier = "shieldgemma" }
  }

  expect_failures = [var.safety]
}

run "model_armor_without_a_template" {
  command = plan

  module {
    source = "./tests/variables"
  }

  variables {
    safety = { text_classifier = "model_armor" }
  }

  expect_failures = [var.safety]
}

run "an_unknown_signer" {
  command = plan

  module {
    source = "./tests/variables"
  }

  variables {
    content_credentials = "vault"
  }

  expect_failures = [var.content_credentials]
}

run "an_unknown_rule_for_ingredients" {
  command = plan

  module {
    source = "./tests/variables"
  }

  variables {
    ingredient_credentials = "some"
  }

  expect_failures = [var.ingredient_credentials]
}

run "more_traces_than_there_are" {
  command = plan

  module {
    source = "./tests/variables"
  }

  variables {
    trace_ratio = 1.5
  }

  expect_failures = [var.trace_ratio]
}

run "a_signing_key_of_no_version" {
  command = plan

  module {
    source = "./tests/variables"
  }

  variables {
    credentials_key_version = 0
  }

  expect_failures = [var.credentials_key_version]
}

run "a_european_worker_whose_pictures_are_looked_at_anywhere" {
  command = plan

  module {
    source = "./tests/variables"
  }

  variables {
    worker_image = "europe-west4-docker.pkg.dev/test-project/plantain-images/worker@sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
  }

  expect_failures = [var.safety]
}

run "a_worker_elsewhere_needs_no_such_word" {
  command = plan

  module {
    source = "./tests/variables"
  }

  variables {
    region       = "us-central1"
    worker_image = "europe-west4-docker.pkg.dev/test-project/plantain-images/worker@sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
  }

  assert {
    condition     = var.safety.classifier_location == null
    error_message = "Only a European deployment has to say where."
  }
}

run "a_classifier_in_no_place" {
  command = plan

  module {
    source = "./tests/variables"
  }

  variables {
    safety = { classifier_location = "europe" }
  }

  expect_failures = [var.safety]
}

run "a_function_that_may_always_fail" {
  command = plan

  module {
    source = "./tests/variables"
  }

  variables {
    alert_thresholds = { function_errors = 1 }
  }

  expect_failures = [var.alert_thresholds]
}

run "a_silence_of_a_minute" {
  command = plan

  module {
    source = "./tests/variables"
  }

  variables {
    alert_thresholds = { silent_minutes = 1 }
  }

  expect_failures = [var.alert_thresholds]
}

run "an_objective_without_a_budget" {
  command = plan

  module {
    source = "./tests/variables"
  }

  variables {
    slo = { deadline_share = 1 }
  }

  expect_failures = [var.slo]
}

run "an_objective_that_cannot_burn_fast" {
  command = plan

  module {
    source = "./tests/variables"
  }

  variables {
    slo = { start_share = 0.9 }
  }

  expect_failures = [var.slo]
}

run "a_start_of_hours" {
  command = plan

  module {
    source = "./tests/variables"
  }

  variables {
    slo = { start_seconds = 7200 }
  }

  expect_failures = [var.slo]
}

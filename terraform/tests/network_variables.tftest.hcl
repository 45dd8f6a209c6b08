# What is refused of networks and the front door, one mistake at a time: see variables.tftest.hcl.

variables {
  project_id = "test-project"
  region     = "europe-west4"
}

run "networks_that_are_allowed" {
  command = plan

  module {
    source = "./tests/variables"
  }

  variables {
    vpc          = { network = "projects/host/global/networks/shared", subnetwork = "projects/host/regions/europe-west4/subnetworks/apps", egress = "all-traffic", tags = ["plantain"] }
    front_door   = { domains = ["api.example.com", "pictures.example.co.uk"], iap = true, cloud_armor = { rules = ["sqli-v33-stable"], enforce_rules = true } }
    api_ingress  = "internal-and-cloud-load-balancing"
    api_invokers = ["group:callers@example.com", "domain:example.com"]
  }

  assert {
    condition     = var.front_door.cloud_armor.requests_per_minute == 600 && var.vpc.fixed_address == false
    error_message = "What is not said has a sensible default."
  }
}

run "a_fixed_address_of_a_network_of_ones_own" {
  command = plan

  module {
    source = "./tests/variables"
  }

  variables {
    vpc = { network = "projects/test-project/global/networks/n", subnetwork = "s", egress = "all-traffic", fixed_address = true }
  }

  assert {
    condition     = var.vpc.fixed_address
    error_message = "It is allowed."
  }
}

run "armor_alone" {
  command = plan

  module {
    source = "./tests/variables"
  }

  variables {
    front_door = { domains = ["api.example.com"], cloud_armor = {} }
  }

  assert {
    condition     = var.front_door.cloud_armor.enforce_rules == false && length(var.front_door.cloud_armor.rules) == 0
    error_message = "No preconfigured rule is on unasked."
  }
}

run "a_network_without_a_subnetwork" {
  command = plan

  module {
    source = "./tests/variables"
  }

  variables {
    vpc = { network = "n" }
  }

  expect_failures = [var.vpc]
}

run "a_subnetwork_without_a_network" {
  command = plan

  module {
    source = "./tests/variables"
  }

  variables {
    vpc = { subnetwork = "s" }
  }

  expect_failures = [var.vpc]
}

run "a_network_by_its_address" {
  command = plan

  module {
    source = "./tests/variables"
  }

  variables {
    vpc = { network = "https://www.googleapis.com/compute/v1/projects/p/global/networks/n", subnetwork = "s" }
  }

  expect_failures = [var.vpc]
}

run "a_subnetwork_by_its_range" {
  command = plan

  module {
    source = "./tests/variables"
  }

  variables {
    vpc = { network = "n", subnetwork = "10.0.0.0/24" }
  }

  expect_failures = [var.vpc]
}

run "a_subnetwork_of_another_region" {
  command = plan

  module {
    source = "./tests/variables"
  }

  variables {
    vpc = { network = "projects/p/global/networks/n", subnetwork = "projects/p/regions/us-central1/subnetworks/s" }
  }

  expect_failures = [var.vpc]
}

run "a_network_and_a_subnetwork_of_two_projects" {
  command = plan

  module {
    source = "./tests/variables"
  }

  variables {
    vpc = { network = "n", subnetwork = "projects/host/regions/europe-west4/subnetworks/s" }
  }

  expect_failures = [var.vpc]
}

run "an_unknown_egress" {
  command = plan

  module {
    source = "./tests/variables"
  }

  variables {
    vpc = { network = "n", subnetwork = "s", egress = "all" }
  }

  expect_failures = [var.vpc]
}

run "a_tag_in_capitals" {
  command = plan

  module {
    source = "./tests/variables"
  }

  variables {
    vpc = { network = "n", subnetwork = "s", tags = ["Plantain"] }
  }

  expect_failures = [var.vpc]
}

run "a_fixed_address_that_public_calls_do_not_use" {
  command = plan

  module {
    source = "./tests/variables"
  }

  variables {
    vpc = { network = "n", subnetwork = "s", fixed_address = true }
  }

  expect_failures = [var.vpc]
}

run "a_fixed_address_of_another_project_s_network" {
  command = plan

  module {
    source = "./tests/variables"
  }

  variables {
    vpc = { network = "projects/host/global/networks/n", subnetwork = "projects/host/regions/europe-west4/subnetworks/s", egress = "all-traffic", fixed_address = true }
  }

  expect_failures = [var.vpc]
}

run "an_unknown_ingress" {
  command = plan

  module {
    source = "./tests/variables"
  }

  variables {
    api_ingress = "public"
  }

  expect_failures = [var.api_ingress]
}

run "ingress_open_behind_a_front_door" {
  command = plan

  module {
    source = "./tests/variables"
  }

  variables {
    api_ingress = "all"
    front_door  = { domains = ["api.example.com"], iap = true }
  }

  expect_failures = [var.api_ingress]
}

run "ingress_that_the_front_door_cannot_pass" {
  command = plan

  module {
    source = "./tests/variables"
  }

  variables {
    api_ingress = "internal"
    front_door  = { domains = ["api.example.com"], iap = true }
  }

  expect_failures = [var.api_ingress]
}

run "a_front_door_without_a_domain" {
  command = plan

  module {
    source = "./tests/variables"
  }

  variables {
    front_door = { iap = true }
  }

  expect_failures = [var.front_door]
}

run "a_front_door_of_an_address" {
  command = plan

  module {
    source = "./tests/variables"
  }

  variables {
    front_door = { domains = ["https://api.example.com"], iap = true }
  }

  expect_failures = [var.front_door]
}

run "a_certificate_for_every_name" {
  command = plan

  module {
    source = "./tests/variables"
  }

  variables {
    front_door = { domains = ["*.example.com"], iap = true }
  }

  expect_failures = [var.front_door]
}

run "a_domain_of_one_word" {
  command = plan

  module {
    source = "./tests/variables"
  }

  variables {
    front_door = { domains = ["localhost"], iap = true }
  }

  expect_failures = [var.front_door]
}

run "a_domain_twice" {
  command = plan

  module {
    source = "./tests/variables"
  }

  variables {
    front_door = { domains = ["api.example.com", "api.example.com"], iap = true }
  }

  expect_failures = [var.front_door]
}

run "a_front_door_that_guards_nothing" {
  command = plan

  module {
    source = "./tests/variables"
  }

  variables {
    front_door = { domains = ["api.example.com"] }
  }

  expect_failures = [var.front_door]
}

run "no_requests_at_all" {
  command = plan

  module {
    source = "./tests/variables"
  }

  variables {
    front_door = { domains = ["api.example.com"], cloud_armor = { requests_per_minute = 0 } }
  }

  expect_failures = [var.front_door]
}

run "more_requests_than_cloud_armor_counts" {
  command = plan

  module {
    source = "./tests/variables"
  }

  variables {
    front_door = { domains = ["api.example.com"], cloud_armor = { requests_per_minute = 1000001 } }
  }

  expect_failures = [var.front_door]
}

run "an_expression_for_a_rule" {
  command = plan

  module {
    source = "./tests/variables"
  }

  variables {
    front_door = { domains = ["api.example.com"], cloud_armor = { rules = ["true || x"] } }
  }

  expect_failures = [var.front_door]
}

run "a_rule_twice" {
  command = plan

  module {
    source = "./tests/variables"
  }

  variables {
    front_door = { domains = ["api.example.com"], cloud_armor = { rules = ["xss-v33-stable", "xss-v33-stable"] } }
  }

  expect_failures = [var.front_door]
}

run "rules_enforced_that_are_none" {
  command = plan

  module {
    source = "./tests/variables"
  }

  variables {
    front_door = { domains = ["api.example.com"], cloud_armor = { enforce_rules = true } }
  }

  expect_failures = [var.front_door]
}

run "invokers_whom_iap_does_not_know" {
  command = plan

  module {
    source = "./tests/variables"
  }

  variables {
    api_invokers = ["principalSet://iam.googleapis.com/pool/*"]
    front_door   = { domains = ["api.example.com"], iap = true }
  }

  expect_failures = [var.front_door]
}

run "a_gateway_around_iap" {
  command = plan

  module {
    source = "./tests/variables"
  }

  variables {
    api_gateways = { "gateway@p.iam.gserviceaccount.com" = "X-Apigateway-Api-Userinfo" }
    front_door   = { domains = ["api.example.com"], iap = true }
  }

  expect_failures = [var.api_gateways]
}

run "a_person_as_a_gateway" {
  command = plan

  module {
    source = "./tests/variables"
  }

  variables {
    api_gateways = { "ada@example.com" = "X-User" }
  }

  expect_failures = [var.api_gateways]
}

run "a_gateway_as_an_iam_member" {
  command = plan

  module {
    source = "./tests/variables"
  }

  variables {
    api_gateways = { "serviceAccount:gateway@p.iam.gserviceaccount.com" = "X-User" }
  }

  expect_failures = [var.api_gateways]
}

run "a_gateway_that_names_callers_where_tokens_are" {
  command = plan

  module {
    source = "./tests/variables"
  }

  variables {
    api_gateways = { "gateway@p.iam.gserviceaccount.com" = "Authorization" }
  }

  expect_failures = [var.api_gateways]
}

run "models_that_land_in_memory" {
  command = plan

  module {
    source = "./tests/variables"
  }

  variables {
    worker_image = "europe-west4-docker.pkg.dev/test-project/plantain-images/worker@sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
    safety       = { classifier_location = "eu" }
    models       = { starter = "worker/embedded_model", klein = "gs://weights/klein" }
  }

  expect_failures = [check.models_in_memory]
}

run "a_model_of_the_hub_that_lands_in_memory" {
  command = plan

  module {
    source = "./tests/variables"
  }

  variables {
    worker_image = "europe-west4-docker.pkg.dev/test-project/plantain-images/worker@sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
    safety       = { classifier_location = "eu" }
    models       = { starter = "worker/embedded_model", klein = "black-forest-labs/FLUX.2-klein-4B@0123456789abcdef0123456789abcdef01234567" }
  }

  expect_failures = [check.models_in_memory]
}

run "models_that_do_not" {
  command = plan

  module {
    source = "./tests/variables"
  }

  variables {
    worker_image = "europe-west4-docker.pkg.dev/test-project/plantain-images/worker@sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
    safety       = { classifier_location = "eu" }
    weights      = "bucket"
    models       = { starter = "/models/starter", klein = "/models/klein", far = "gs://weights/far" }
    vertex       = { models = ["far"] }
  }

  assert {
    condition     = length(var.models) == 3
    error_message = "They are mounted, or on Vertex AI's disk."
  }
}

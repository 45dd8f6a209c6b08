# What is refused of the worker on GKE and of deploying from GitHub, one mistake at a time: variables.tftest.hcl.

variables {
  project_id = "test-project"
  region     = "europe-west4"
}

run "a_namespace_in_capitals" {
  command = plan

  module {
    source = "./tests/variables"
  }

  variables {
    gke = { namespace = "Pictures" }
  }

  expect_failures = [var.gke]
}

run "nodes_that_are_no_account" {
  command = plan

  module {
    source = "./tests/variables"
  }

  variables {
    gke = { node_account = "user:me@example.com" }
  }

  expect_failures = [var.gke]
}

run "a_gpu_of_no_name" {
  command = plan

  module {
    source = "./tests/variables"
  }

  variables {
    gke = { accelerator = "L4" }
  }

  expect_failures = [var.gke]
}

run "less_than_a_worker_needs_on_gke" {
  command = plan

  module {
    source = "./tests/variables"
  }

  variables {
    gke = { memory_gib = 1 }
  }

  expect_failures = [var.gke]
}

run "half_a_gibibyte_of_disk" {
  command = plan

  module {
    source = "./tests/variables"
  }

  variables {
    gke = { disk_gib = 40.5 }
  }

  expect_failures = [var.gke]
}

run "gke_and_no_autoscaler" {
  command = plan

  module {
    source = "./tests/variables"
  }

  variables {
    gke        = {}
    autoscaler = false
  }

  expect_failures = [var.gke]
}

run "gke_and_a_cloud_run_service" {
  command = plan

  module {
    source = "./tests/variables"
  }

  variables {
    gke            = {}
    worker_runtime = "service"
  }

  expect_failures = [var.gke]
}

run "gke_and_the_cpus_of_cloud_run" {
  command = plan

  module {
    source = "./tests/variables"
  }

  variables {
    gke        = {}
    worker_cpu = 8
  }

  expect_failures = [var.gke]
}

run "gke_and_the_memory_of_cloud_run" {
  command = plan

  module {
    source = "./tests/variables"
  }

  variables {
    gke               = {}
    worker_memory_gib = 32
  }

  expect_failures = [var.gke]
}

run "gke_and_zones_of_cloud_run" {
  command = plan

  module {
    source = "./tests/variables"
  }

  variables {
    gke                  = {}
    gpu_zonal_redundancy = true
  }

  expect_failures = [var.gke]
}

run "a_repository_by_address" {
  command = plan

  module {
    source = "./tests/variables"
  }

  variables {
    github_repository = { name = "https://github.com/example/plantain", id = "1" }
  }

  expect_failures = [var.github_repository]
}

run "a_repository_that_ends_the_condition" {
  command = plan

  module {
    source = "./tests/variables"
  }

  variables {
    github_repository = { name = "example/plantain' || true || '", id = "1" }
  }

  expect_failures = [var.github_repository]
}

run "a_repository_by_no_number" {
  command = plan

  module {
    source = "./tests/variables"
  }

  variables {
    github_repository = { name = "example/plantain", id = "plantain" }
  }

  expect_failures = [var.github_repository]
}

run "a_branch_that_ends_the_condition" {
  command = plan

  module {
    source = "./tests/variables"
  }

  variables {
    github_repository = { name = "example/plantain", id = "1", branch = "main' || true || '" }
  }

  expect_failures = [var.github_repository]
}

run "an_environment_that_ends_the_condition" {
  command = plan

  module {
    source = "./tests/variables"
  }

  variables {
    github_repository = { name = "example/plantain", id = "1", environment = "x' || true || '" }
  }

  expect_failures = [var.github_repository]
}

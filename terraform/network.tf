# The way out: Direct VPC egress. What Google calls the functions with does not pass the network: docs/networks.md.

locals {
  has_vpc = var.vpc != null
  egress  = local.has_vpc ? { "all-traffic" = "ALL_TRAFFIC", "private-ranges-only" = "PRIVATE_RANGES_ONLY" }[var.vpc.egress] : null
  has_nat = try(var.vpc.fixed_address, false)
}

# One address for all calls to the outside, webhooks above all: their receivers let it through and no other.
resource "google_compute_address" "egress" {
  count = local.has_nat ? 1 : 0

  name         = "${var.name}-egress"
  region       = var.region
  address_type = "EXTERNAL"

  depends_on = [google_project_service.api]
}

resource "google_compute_router" "egress" {
  count = local.has_nat ? 1 : 0

  name    = "${var.name}-egress"
  region  = var.region
  network = var.vpc.network

  depends_on = [google_project_service.api]
}

resource "google_compute_router_nat" "egress" {
  count = local.has_nat ? 1 : 0

  name                               = "${var.name}-egress"
  region                             = var.region
  router                             = google_compute_router.egress[0].name
  nat_ip_allocate_option             = "MANUAL_ONLY"
  nat_ips                            = [google_compute_address.egress[0].self_link]
  source_subnetwork_ip_ranges_to_nat = "LIST_OF_SUBNETWORKS"

  # Many connections to one receiver take many ports of an instance, and most instances need hardly any.
  enable_dynamic_port_allocation      = true
  enable_endpoint_independent_mapping = false
  min_ports_per_vm                    = 64
  max_ports_per_vm                    = 4096

  subnetwork {
    name                    = startswith(var.vpc.subnetwork, "projects/") ? var.vpc.subnetwork : "projects/${var.project_id}/regions/${var.region}/subnetworks/${var.vpc.subnetwork}"
    source_ip_ranges_to_nat = ["ALL_IP_RANGES"]
  }

  log_config {
    enable = true
    filter = "ERRORS_ONLY" # connections that found no port
  }
}

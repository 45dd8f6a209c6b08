"""Faults of networks and of the front door."""

from __future__ import annotations

from benchmarks.planted_fault import Fault

NETWORK_FAULTS = (
    Fault(
        "ingress open behind a front door",
        "front_door.tf",
        'var.front_door == null ? "all" : "internal-and-cloud-load-balancing")]',
        '"all")]',
    ),
    Fault(
        "ingress may be said to be open behind a front door",
        "variables_networks.tf",
        '"internal-and-cloud-load-balancing") == "internal-and-cloud-load-balancing"',
        '"internal-and-cloud-load-balancing") != "internal"',
    ),
    Fault(
        "a front door that guards nothing",
        "variables_networks.tf",
        "try(var.front_door.iap, false) || try(var.front_door.cloud_armor, null) != null",
        "try(var.front_door.iap, false) || true",
    ),
    Fault(
        "callers may go around Identity-Aware Proxy",
        "front_door.tf",
        "local.behind_iap ? [local.iap_agent] : concat(",
        "concat(local.behind_iap ? [local.iap_agent] : [], ",
    ),
    Fault(
        "a gateway may go around Identity-Aware Proxy",
        "variables_networks.tf",
        "length(var.api_gateways) == 0 || !try(var.front_door.iap, false)",
        "length(var.api_gateways) == 0 || true",
    ),
    Fault(
        "the API does not ask for Identity-Aware Proxy's assertion",
        "front_door.tf",
        "local.behind_iap ? { PLANTAIN_IAP_AUDIENCE",
        "false ? { PLANTAIN_IAP_AUDIENCE",
    ),
    Fault(
        "Identity-Aware Proxy is left out",
        "front_door.tf",
        "for_each = local.behind_iap ? [true] : []",
        "for_each = []",
    ),
    Fault(
        "Cloud Armor's policy is attached to nothing",
        "front_door.tf",
        "  security_policy       = one(google_compute_security_policy.front_door[*].id)\n",
        "",
    ),
    Fault(
        "all callers share one limit of requests",
        "front_door.tf",
        'enforce_on_key = "IP"',
        'enforce_on_key = "ALL"',
    ),
    Fault(
        "preconfigured rules behind a limit that lets everything pass",
        "front_door.tf",
        "1000 + n => rule",
        "3000 + n => rule",
    ),
    Fault(
        "preconfigured rules refuse prompts unasked",
        "front_door.tf",
        "preview     = !var.front_door.cloud_armor.enforce_rules",
        "preview     = false",
    ),
    Fault(
        "an endpoint group of another region",
        "front_door.tf",
        'region                = google_cloudfunctions2_function.this["api"].location',
        'region                = "us-central1"',
    ),
    Fault(
        "HTTP leads to the API",
        "front_door.tf",
        "  url_map = google_compute_url_map.redirect[0].id",
        "  url_map = google_compute_url_map.https[0].id",
    ),
    Fault(
        "HTTP is not sent to HTTPS",
        "front_door.tf",
        "https_redirect         = true",
        "https_redirect         = false",
    ),
    Fault(
        "HTTPS without a redirect",
        "front_door.tf",
        "  target                = google_compute_target_http_proxy.redirect[0].id",
        "  target                = google_compute_target_https_proxy.front_door[0].id",
    ),
    Fault(
        "the redirect is at another address",
        "front_door.tf",
        "  ip_address            = google_compute_global_address.front_door[0].id\n"
        '  port_range            = "80"',
        '  port_range            = "80"',
    ),
    Fault("old TLS", "front_door.tf", '"TLS_1_2"', '"TLS_1_0"'),
    Fault(
        "answers are kept for other callers",
        "front_door.tf",
        "enable_cdn            = false",
        "enable_cdn            = true",
    ),
    Fault(
        "a function that sends past the network",
        "functions.tf",
        "      for_each = var.vpc[*]\n",
        '      for_each = each.key == "deliver" ? [] : var.vpc[*]\n',
    ),
    Fault(
        "functions send public calls past the network",
        "functions.tf",
        '"VPC_EGRESS_${local.egress}"',
        '"VPC_EGRESS_PRIVATE_RANGES_ONLY"',
    ),
    Fault(
        "an autoscaler that is not in the network",
        "autoscaler.tf",
        "      for_each = var.vpc[*]\n",
        "      for_each = []\n",
    ),
    Fault(
        "a NAT for every subnetwork", "network.tf", '"LIST_OF_SUBNETWORKS"', '"ALL_SUBNETWORKS_ALL_IP_RANGES"'
    ),
    Fault("webhooks from changing addresses", "network.tf", '"MANUAL_ONLY"', '"AUTO_ONLY"'),
    Fault(
        "a fixed address that webhooks do not use",
        "variables_networks.tf",
        '!try(var.vpc.fixed_address, false) || try(var.vpc.egress, "-") == "all-traffic"',
        "!try(var.vpc.fixed_address, false) || true",
    ),
    Fault(
        "a network without a subnetwork",
        "variables_networks.tf",
        "(try(var.vpc.network, null) != null && try(var.vpc.subnetwork, null) != null)",
        "try(var.vpc.network, null) != null",
    ),
    Fault(
        "hub models land in memory without a warning",
        "variables.tf",
        '!can(regex("^gs://|@[0-9a-f]{40}$", source))',
        '!can(regex("^gs://", source))',
    ),
)

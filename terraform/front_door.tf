# The front door: HTTPS under your own domain, in front of the API. docs/networks.md, docs/decisions/0024.
#
#   https ─▶ forwarding rule ─▶ proxy ─▶ map ─▶ backend (Cloud Armor, then IAP) ─▶ endpoint group ─▶ the API
#   http ──▶ forwarding rule ─▶ proxy ─▶ map that redirects to https

locals {
  has_front_door = local.has_functions && var.front_door != null
  has_armor      = local.has_front_door && try(var.front_door.cloud_armor, null) != null
  behind_iap     = local.has_front_door && try(var.front_door.iap, false)

  api_ingress = {
    "all"                               = "ALLOW_ALL"
    "internal"                          = "ALLOW_INTERNAL_ONLY"
    "internal-and-cloud-load-balancing" = "ALLOW_INTERNAL_AND_GCLB"
  }[coalesce(var.api_ingress, var.front_door == null ? "all" : "internal-and-cloud-load-balancing")]

  # Behind IAP its agent calls, and nothing else may: api_invokers are let in by IAP.
  iap_agent = "serviceAccount:service-${local.number}@gcp-sa-iap.iam.gserviceaccount.com"
  api_callers = local.behind_iap ? [local.iap_agent] : concat(
    var.api_invokers,
    [for account in keys(var.api_gateways) : "serviceAccount:${account}"],
    var.api_public ? ["allUsers"] : [],
  )

  api_keys_folder = "/secrets/api-keys"
  api_keys_name   = "keys.json"
  key_readers     = ["api", "uploads"] # those that make jobs
  key_settings    = var.api_keys ? { PLANTAIN_API_KEYS_FILE = "${local.api_keys_folder}/${local.api_keys_name}" } : {}

  # Where Cloud Run demands an identity token of each caller and has checked it, the API may believe what the token
  # says. Where everybody may call it does not, and keys decide.
  door_settings = merge(
    var.api_public ? {} : { PLANTAIN_INVOKER_CHECK = "true" },
    local.key_settings,
    # Any backend service of this project: the id of ours exists only after the function that would need it.
    local.behind_iap ? { PLANTAIN_IAP_AUDIENCE = "/projects/${local.number}/global/backendServices/*" } : {},
    length(var.api_gateways) == 0 ? {} : { PLANTAIN_GATEWAYS = jsonencode(var.api_gateways) },
  )

  # A rule has a priority of its own: the limit counts what the rules have let pass.
  armor_limit_priority = 2000
  armor_rules          = { for n, rule in try(var.front_door.cloud_armor.rules, []) : 1000 + n => rule }
}

resource "google_compute_global_address" "front_door" {
  count = local.has_front_door ? 1 : 0

  name = "${var.name}-front-door"

  depends_on = [google_project_service.api]
}

resource "google_compute_region_network_endpoint_group" "api" {
  count = local.has_front_door ? 1 : 0

  name                  = "${var.name}-api"
  region                = google_cloudfunctions2_function.this["api"].location
  network_endpoint_type = "SERVERLESS"

  cloud_run {
    service = google_cloudfunctions2_function.this["api"].name
  }

  lifecycle {
    create_before_destroy = true
  }
}

resource "google_compute_backend_service" "api" {
  count = local.has_front_door ? 1 : 0

  name                  = "${var.name}-api"
  description           = "Plantain's API."
  load_balancing_scheme = "EXTERNAL_MANAGED"
  protocol              = "HTTPS"
  enable_cdn            = false # answers are each caller's own
  security_policy       = one(google_compute_security_policy.front_door[*].id)

  # Browsers ask this host by HTTPS from the first answer on.
  custom_response_headers = ["Strict-Transport-Security: max-age=31536000"]

  backend {
    group = google_compute_region_network_endpoint_group.api[0].id
  }

  dynamic "iap" {
    for_each = local.behind_iap ? [true] : []

    content {
      enabled = iap.value
    }
  }

  log_config {
    enable      = true
    sample_rate = 1
  }
}

# Who passes IAP. -----------------------------------------------------------------------------------------

resource "google_iap_web_backend_service_iam_member" "caller" {
  for_each = toset(local.behind_iap ? var.api_invokers : [])

  web_backend_service = google_compute_backend_service.api[0].name
  role                = "roles/iap.httpsResourceAccessor"
  member              = each.key
}

# What Cloud Armor lets pass. -----------------------------------------------------------------------------

resource "google_compute_security_policy" "front_door" {
  #checkov:skip=CKV_GCP_73:Log4j is Java's, and what is behind the front door is Python
  count = local.has_armor ? 1 : 0

  name        = "${var.name}-front-door"
  description = "Limits the requests of each address to Plantain's API."
  type        = "CLOUD_ARMOR"

  # Bodies are JSON with prompts in it: a preconfigured rule sees attacks in ordinary words until it is tuned.
  dynamic "rule" {
    for_each = local.armor_rules

    content {
      action      = "deny(403)"
      priority    = tonumber(rule.key)
      preview     = !var.front_door.cloud_armor.enforce_rules
      description = rule.value

      match {
        expr {
          expression = "evaluatePreconfiguredWaf('${rule.value}', {'sensitivity': 1})"
        }
      }
    }
  }

  rule {
    action      = "throttle"
    priority    = local.armor_limit_priority
    description = "So many requests a minute from one address."

    match {
      versioned_expr = "SRC_IPS_V1"

      config {
        src_ip_ranges = ["*"]
      }
    }

    rate_limit_options {
      conform_action = "allow"
      exceed_action  = "deny(429)"
      enforce_on_key = "IP"

      rate_limit_threshold {
        count        = var.front_door.cloud_armor.requests_per_minute
        interval_sec = 60
      }
    }
  }

  rule {
    action      = "allow"
    priority    = 2147483647
    description = "Every policy has a rule for the rest."

    match {
      versioned_expr = "SRC_IPS_V1"

      config {
        src_ip_ranges = ["*"]
      }
    }
  }

  advanced_options_config {
    json_parsing = "STANDARD"
  }

  depends_on = [google_project_service.api]
}

# HTTPS. --------------------------------------------------------------------------------------------------

# Google issues it once the domains have the front door's address. Other domains need another certificate, which
# exists before the old one is deleted.
resource "google_compute_managed_ssl_certificate" "front_door" {
  count = local.has_front_door ? 1 : 0

  name = "${var.name}-${substr(sha256(join(" ", sort(var.front_door.domains))), 0, 8)}"

  managed {
    domains = var.front_door.domains
  }

  lifecycle {
    create_before_destroy = true
  }

  depends_on = [google_project_service.api]
}

resource "google_compute_ssl_policy" "front_door" {
  count = local.has_front_door ? 1 : 0

  name            = "${var.name}-front-door"
  profile         = "MODERN"
  min_tls_version = "TLS_1_2"

  depends_on = [google_project_service.api]
}

resource "google_compute_url_map" "https" {
  count = local.has_front_door ? 1 : 0

  name            = "${var.name}-api"
  default_service = google_compute_backend_service.api[0].id
}

resource "google_compute_target_https_proxy" "front_door" {
  count = local.has_front_door ? 1 : 0

  name             = "${var.name}-https"
  url_map          = google_compute_url_map.https[0].id
  ssl_certificates = [google_compute_managed_ssl_certificate.front_door[0].id]
  ssl_policy       = google_compute_ssl_policy.front_door[0].id
}

resource "google_compute_global_forwarding_rule" "https" {
  count = local.has_front_door ? 1 : 0

  name                  = "${var.name}-https"
  load_balancing_scheme = "EXTERNAL_MANAGED"
  ip_address            = google_compute_global_address.front_door[0].id
  port_range            = "443"
  target                = google_compute_target_https_proxy.front_door[0].id
}

# A caller by HTTP is sent to HTTPS, with method and body (308).
resource "google_compute_url_map" "redirect" {
  count = local.has_front_door ? 1 : 0

  name = "${var.name}-redirect"

  default_url_redirect {
    https_redirect         = true
    strip_query            = false
    redirect_response_code = "PERMANENT_REDIRECT"
  }

  depends_on = [google_project_service.api]
}

resource "google_compute_target_http_proxy" "redirect" {
  count = local.has_front_door ? 1 : 0

  name    = "${var.name}-http"
  url_map = google_compute_url_map.redirect[0].id
}

resource "google_compute_global_forwarding_rule" "http" {
  count = local.has_front_door ? 1 : 0

  name                  = "${var.name}-http"
  load_balancing_scheme = "EXTERNAL_MANAGED"
  ip_address            = google_compute_global_address.front_door[0].id
  port_range            = "80"
  target                = google_compute_target_http_proxy.redirect[0].id
}

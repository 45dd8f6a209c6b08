# Networks and the front door: docs/networks.md.

variable "vpc" {
  description = "The network through which functions, worker and autoscaler send (Direct VPC egress). egress is private-ranges-only, or all-traffic, which needs Private Google Access, and NAT for webhooks. fixed_address makes the NAT, with one address for receivers to let through. Null: no network."
  type = object({
    network       = optional(string)
    subnetwork    = optional(string)
    egress        = optional(string, "private-ranges-only")
    tags          = optional(list(string), [])
    fixed_address = optional(bool, false)
  })
  default = null

  validation {
    condition     = var.vpc == null || (try(var.vpc.network, null) != null && try(var.vpc.subnetwork, null) != null)
    error_message = "vpc names a network and a subnetwork of it: without one, Google looks for a subnetwork of the network's name."
  }

  validation {
    condition     = try(var.vpc.network, null) == null || can(regex("^(projects/[a-z0-9.:-]+/global/networks/)?[a-z]([a-z0-9-]{0,61}[a-z0-9])?$", var.vpc.network))
    error_message = "vpc.network is a name, or projects/PROJECT/global/networks/NAME."
  }

  validation {
    condition     = try(var.vpc.subnetwork, null) == null || can(regex("^(projects/[a-z0-9.:-]+/regions/[a-z0-9-]+/subnetworks/)?[a-z]([a-z0-9-]{0,61}[a-z0-9])?$", var.vpc.subnetwork))
    error_message = "vpc.subnetwork is a name, or projects/PROJECT/regions/REGION/subnetworks/NAME."
  }

  validation {
    condition     = !can(regex("^projects/", var.vpc.subnetwork)) || try(split("/", var.vpc.subnetwork)[3] == var.region, false)
    error_message = "vpc.subnetwork is in another region than everything else: a subnetwork serves its own region."
  }

  validation {
    condition = try(var.vpc.network, null) == null || try(var.vpc.subnetwork, null) == null || (
      (startswith(coalesce(try(var.vpc.network, null), "-"), "projects/") ? split("/", var.vpc.network)[1] : var.project_id)
      == (startswith(coalesce(try(var.vpc.subnetwork, null), "-"), "projects/") ? split("/", var.vpc.subnetwork)[1] : var.project_id)
    )
    error_message = "vpc.network and vpc.subnetwork are in two projects: name both in full where the network is shared."
  }

  validation {
    condition     = var.vpc == null || contains(["all-traffic", "private-ranges-only"], try(var.vpc.egress, "-"))
    error_message = "vpc.egress is all-traffic or private-ranges-only."
  }

  validation {
    condition     = alltrue([for tag in try(var.vpc.tags, []) : can(regex("^[a-z]([a-z0-9-]{0,61}[a-z0-9])?$", tag))])
    error_message = "A network tag has at most 63 lowercase letters, digits and hyphens, and begins with a letter."
  }

  validation {
    condition     = !try(var.vpc.fixed_address, false) || try(var.vpc.egress, "-") == "all-traffic"
    error_message = "vpc.fixed_address needs egress = \"all-traffic\": otherwise calls to public addresses do not pass the network, nor its NAT."
  }

  validation {
    condition     = !try(var.vpc.fixed_address, false) || !can(regex("^projects/", try(var.vpc.network, "-"))) || try(split("/", var.vpc.network)[1] == var.project_id, false)
    error_message = "A shared network's NAT belongs to the project that hosts it: make it there, and leave vpc.fixed_address out."
  }
}

variable "api_ingress" {
  description = "From where the API can be reached: all, internal, or internal-and-cloud-load-balancing. Null: internal-and-cloud-load-balancing behind the front door, else all. Who may call is another question: api_invokers."
  type        = string
  default     = null

  validation {
    condition     = contains(["all", "internal", "internal-and-cloud-load-balancing"], coalesce(var.api_ingress, "all"))
    error_message = "api_ingress is all, internal or internal-and-cloud-load-balancing."
  }

  validation {
    condition     = var.front_door == null || coalesce(var.api_ingress, "internal-and-cloud-load-balancing") == "internal-and-cloud-load-balancing"
    error_message = "Behind the front door api_ingress is internal-and-cloud-load-balancing: with all, callers can go around the front door, and with internal it cannot pass anything on."
  }
}

variable "api_gateways" {
  description = "Gateways that call the API for others: service account → the header in which it names the caller, such as X-Apigateway-Api-Userinfo. They may invoke the API. docs/networks.md says what a gateway must do."
  type        = map(string)
  default     = {}

  validation {
    condition     = alltrue([for account in keys(var.api_gateways) : can(regex("^[^@:[:space:]]+@[^@:[:space:]]+\\.gserviceaccount\\.com$", account))])
    error_message = "A gateway is named by its service account's address, without serviceAccount: before it."
  }

  validation {
    condition     = alltrue([for header in values(var.api_gateways) : can(regex("^X-[A-Za-z0-9-]+$", header))])
    error_message = "The header in which a gateway names its caller begins with X-."
  }

  validation {
    condition     = length(var.api_gateways) == 0 || !try(var.front_door.iap, false)
    error_message = "Behind Identity-Aware Proxy nothing else may call the API: a gateway would go around it."
  }
}

variable "front_door" {
  description = "A load balancer with a certificate of its own in front of the API: HTTPS alone, under these domains. Guarded by iap, which lets api_invokers in and no other caller, by cloud_armor, which limits each address's requests and can apply preconfigured rules (logged, and refused once enforce_rules is set), or by both. Null: none."
  type = object({
    domains = optional(list(string), [])
    iap     = optional(bool, false)
    cloud_armor = optional(object({
      requests_per_minute = optional(number, 600)
      rules               = optional(list(string), [])
      enforce_rules       = optional(bool, false)
    }))
  })
  default = null

  validation {
    condition     = var.front_door == null || length(try(var.front_door.domains, [])) > 0
    error_message = "A front door needs a domain of yours: its certificate is issued for it."
  }

  validation {
    condition = length(try(var.front_door.domains, [])) <= 100 && alltrue([
      for domain in try(var.front_door.domains, []) : length(domain) <= 253 && can(regex("^([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\\.)+[a-z][a-z0-9-]{0,61}[a-z0-9]$", domain))
    ])
    error_message = "front_door.domains are at most 100 names such as api.example.com: lowercase, without a scheme, a path or a *."
  }

  validation {
    condition     = length(distinct(try(var.front_door.domains, []))) == length(try(var.front_door.domains, []))
    error_message = "front_door.domains names one twice."
  }

  validation {
    condition     = var.front_door == null || try(var.front_door.iap, false) || try(var.front_door.cloud_armor, null) != null
    error_message = "A front door without iap and without cloud_armor guards nothing."
  }

  validation {
    condition     = try(var.front_door.cloud_armor, null) == null || try(var.front_door.cloud_armor.requests_per_minute >= 1 && var.front_door.cloud_armor.requests_per_minute <= 1000000 && floor(var.front_door.cloud_armor.requests_per_minute) == var.front_door.cloud_armor.requests_per_minute, false)
    error_message = "requests_per_minute is a whole number from 1 to 1000000."
  }

  validation {
    condition     = alltrue([for rule in try(var.front_door.cloud_armor.rules, []) : can(regex("^[a-z]+-v[0-9]+-(stable|canary)$", rule))])
    error_message = "A preconfigured rule is named like sqli-v33-stable."
  }

  validation {
    condition     = length(distinct(try(var.front_door.cloud_armor.rules, []))) == length(try(var.front_door.cloud_armor.rules, []))
    error_message = "front_door.cloud_armor.rules names one twice."
  }

  validation {
    condition     = !try(var.front_door.cloud_armor.enforce_rules, false) || length(try(var.front_door.cloud_armor.rules, [])) > 0
    error_message = "enforce_rules without rules enforces nothing."
  }

  validation {
    condition     = !try(var.front_door.iap, false) || alltrue([for member in var.api_invokers : can(regex("^(user|group|serviceAccount|domain):", member))])
    error_message = "Identity-Aware Proxy lets Google accounts in: behind it an invoker is user:, group:, serviceAccount: or domain:."
  }
}

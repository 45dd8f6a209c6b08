# The two that suffice for a first apply. ---------------------------------------------------------------

variable "project_id" {
  description = "The project that Plantain lives in. It must exist and have billing."
  type        = string

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{4,28}[a-z0-9]$", var.project_id))
    error_message = "A project id has 6 to 30 lowercase letters, digits and hyphens, and begins with a letter."
  }
}

variable "region" {
  description = "Where everything runs and is stored, for instance europe-west4. GPUs: docs/deploy.md lists the regions."
  type        = string

  validation {
    condition     = can(regex("^[a-z]+-[a-z]+[0-9]{1,2}$", var.region))
    error_message = "Name a region such as europe-west4: neither a zone nor a multi-region."
  }
}

# What is deployed. -------------------------------------------------------------------------------------

variable "functions_zip" {
  description = "The functions' source, as make bundle writes it. Null: no functions yet."
  type        = string
  default     = null

  validation {
    condition     = var.functions_zip == null || (endswith(coalesce(var.functions_zip, "-"), ".zip") && fileexists(coalesce(var.functions_zip, "-")))
    error_message = "functions_zip must be the path of a .zip file that exists: run make bundle."
  }
}

variable "worker_image" {
  description = "The worker's container, by digest. Null: no worker yet; jobs wait in the queue."
  type        = string
  default     = null

  validation {
    condition     = var.worker_image == null || can(regex("^[a-z0-9.-]+(/[a-z0-9._-]+)+@sha256:[0-9a-f]{64}$", var.worker_image))
    error_message = "Name the image by its digest, HOST/PATH@sha256:…: what a tag points at changes."
  }
}

variable "name" {
  description = "The beginning of every name, so that a project can hold more than one Plantain."
  type        = string
  default     = "plantain"

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{1,13}[a-z0-9]$", var.name))
    error_message = "The name has 3 to 15 lowercase letters, digits and hyphens: a service account's id has no more room."
  }
}

variable "labels" {
  description = "Labels for everything that takes some."
  type        = map(string)
  default     = {}

  validation {
    condition     = alltrue([for key, value in var.labels : can(regex("^[a-z][a-z0-9_-]{0,62}$", key)) && can(regex("^[a-z0-9_-]{0,63}$", value))])
    error_message = "Label keys begin with a lowercase letter; keys and values have at most 63 of a-z, 0-9, _ and -."
  }
}

variable "dev" {
  description = "A deployment to be thrown away: buckets are emptied and the worker deleted by terraform destroy."
  type        = bool
  default     = false
}

# The worker. -------------------------------------------------------------------------------------------

variable "worker_runtime" {
  description = "pool: a Cloud Run worker pool, which pulls and has no address. service: a Cloud Run service, where a region has no pools with GPUs."
  type        = string
  default     = "pool"

  validation {
    condition     = contains(["pool", "service"], var.worker_runtime)
    error_message = "worker_runtime is pool or service."
  }
}

variable "accelerator" {
  description = "The GPU of each worker: nvidia-l4, nvidia-rtx-pro-6000, or none for the starter model on CPUs."
  type        = string
  default     = "nvidia-l4"

  validation {
    condition     = contains(["none", "nvidia-l4", "nvidia-rtx-pro-6000"], var.accelerator)
    error_message = "accelerator is nvidia-l4, nvidia-rtx-pro-6000 or none."
  }
}

variable "worker_cpu" {
  description = "CPUs of each worker. Null: what suits the accelerator."
  type        = number
  default     = null

  validation {
    condition     = var.worker_cpu == null || contains([1, 2, 4, 6, 8, 16, 20, 24, 30], coalesce(var.worker_cpu, 1))
    error_message = "worker_cpu is one of 1, 2, 4, 6, 8, 16, 20, 24 and 30."
  }

  validation {
    condition     = coalesce(var.worker_cpu, 30) >= lookup({ nvidia-l4 = 4, nvidia-rtx-pro-6000 = 20 }, var.accelerator, 1)
    error_message = "Cloud Run gives an nvidia-l4 at least 4 CPUs, and an nvidia-rtx-pro-6000 at least 20."
  }
}

variable "worker_memory_gib" {
  description = "Memory of each worker, in GiB. Null: what suits the accelerator."
  type        = number
  default     = null

  validation {
    condition     = var.worker_memory_gib == null || (coalesce(var.worker_memory_gib, 1) >= 2 && coalesce(var.worker_memory_gib, 1) <= 128)
    error_message = "worker_memory_gib is between 2 and 128."
  }

  validation {
    condition     = coalesce(var.worker_memory_gib, 128) >= lookup({ nvidia-l4 = 16, nvidia-rtx-pro-6000 = 80 }, var.accelerator, 2)
    error_message = "Cloud Run gives an nvidia-l4 at least 16 GiB, and an nvidia-rtx-pro-6000 at least 80."
  }
}

variable "gpu_zonal_redundancy" {
  description = "Capacity kept in a second zone: dearer, and a quota of its own."
  type        = bool
  default     = false
}

variable "weights" {
  description = "baked: the models are in the image. bucket: a bucket is made for them and mounted, read-only, at /models."
  type        = string
  default     = "baked"

  validation {
    condition     = contains(["baked", "bucket"], var.weights)
    error_message = "weights is baked or bucket."
  }
}

# The names that models takes with a commit: those of `plantain models list`, which a test compares with these.
locals {
  known_models = [
    "klein", "klein-9b", "sana-sprint", "sana-sprint-large", "sana", "z-image-turbo",
    "qwen-image", "qwen-image-edit", "sd35-medium", "sd35-large", "flux1-schnell", "flux1-dev",
    "sdxl", "flux2-dev", "wan", "wan-image", "ltx-video",
  ]
}

variable "models" {
  description = "Model name → directory, gs:// prefix, or a hub id or known model (docs/models.md) pinned to a commit. Empty: what the image brings."
  type        = map(string)
  default     = {}

  validation {
    condition     = alltrue([for source in values(var.models) : can(regex("^(mock|gemini(:[a-z0-9.-]+)?|/.+|gs://.+|worker/.+|(${join("|", local.known_models)}|[A-Za-z0-9._-]+/[A-Za-z0-9._-]+)@[0-9a-f]{40})$", source))])
    error_message = "A model is gemini, gemini:ID, a path, a gs:// prefix, or NAME@COMMIT or OWNER/NAME@COMMIT with all 40 digits of the commit. Known names: ${join(", ", local.known_models)}."
  }
}

# A warning, not a refusal: a small model fits. For one that does not, the worker says so when it knows the sizes. On
# Vertex AI models are downloaded to a real disk.
check "models_in_memory" {
  assert {
    condition = var.worker_image == null || alltrue([
      for name, source in var.models : contains(try(var.vertex.models, []), name) || !can(regex("^gs://|@[0-9a-f]{40}$", source))
    ])
    error_message = "Cloud Run has no disk: a model that is gs:// or a hub id is downloaded into the worker's memory. Set weights to bucket, copy the model into that bucket, and name it /models/NAME: docs/deploy.md, Weights."
  }
}

variable "default_model" {
  description = "The model of a request that names none. Null: the worker's own."
  type        = string
  default     = null

  validation {
    condition     = length(var.models) == 0 || contains(keys(var.models), coalesce(var.default_model, "starter"))
    error_message = "default_model (starter, where none is named) must be one of models."
  }
}

variable "gemini" {
  description = "Lets the worker call Gemini on Vertex AI: as an engine, or to read prompts and look at pictures."
  type        = bool
  default     = false
}

variable "safety" {
  description = "Who looks at pictures (gemini, shieldgemma or none) and reads prompts beside the policy (model_armor or none). With none for pictures nothing is kept back that was not looked at, and manifests say so."
  type = object({
    image_classifier     = optional(string, "gemini")
    classifier_model     = optional(string, "gemini-3.5-flash-lite")
    classifier_location  = optional(string)
    shieldgemma          = optional(string)
    text_classifier      = optional(string, "none")
    model_armor_template = optional(string)
  })
  default = {}

  validation {
    condition     = contains(["gemini", "shieldgemma", "none"], var.safety.image_classifier)
    error_message = "safety.image_classifier is gemini, shieldgemma or none."
  }

  validation {
    condition     = var.safety.classifier_location == null || can(regex("^(global|eu|us|[a-z]+-[a-z]+[0-9]{1,2})$", var.safety.classifier_location))
    error_message = "safety.classifier_location is global, eu, us or a region such as europe-west4."
  }

  validation {
    condition     = var.worker_image == null || var.safety.image_classifier != "gemini" || var.safety.classifier_location != null || !startswith(var.region, "europe-")
    error_message = "Pictures of a European deployment would be looked at anywhere in the world: say safety.classifier_location, eu or a region where the model is offered, or global if that is meant (docs/privacy.md)."
  }

  validation {
    condition     = contains(["model_armor", "none"], var.safety.text_classifier)
    error_message = "safety.text_classifier is model_armor or none: the functions carry no Gemini client."
  }

  validation {
    condition     = (var.safety.image_classifier == "shieldgemma") == (var.safety.shieldgemma != null)
    error_message = "safety.shieldgemma names the directory of the checkpoint, and only where it is the classifier."
  }

  validation {
    condition     = var.safety.text_classifier == "none" ? var.safety.model_armor_template == null : can(regex("^projects/[^/]+/locations/[^/]+/templates/[^/]+$", var.safety.model_armor_template))
    error_message = "Model Armor screens by a template, projects/…/locations/…/templates/…, and only where it is the classifier."
  }
}

variable "content_credentials" {
  description = "Who signs pictures: pem, a key in Secret Manager; kms, a key that never leaves Cloud KMS; off, no one. Both need a certificate chain: docs/deploy.md."
  type        = string
  default     = "off"

  validation {
    condition     = contains(["off", "pem", "kms"], var.content_credentials)
    error_message = "content_credentials is off, pem or kms."
  }
}

variable "ingredient_credentials" {
  description = "What results carry of the content credentials that their inputs came with: facts, who signed and what was done; everything, also places, devices, names and thumbnails (docs/content-credentials.md)."
  type        = string
  default     = "facts"

  validation {
    condition     = contains(["facts", "everything"], var.ingredient_credentials)
    error_message = "ingredient_credentials is facts or everything."
  }
}

variable "gke" {
  description = "Run the worker on a GKE cluster of this project instead of Cloud Run (docs/gke.md): its namespace, KEDA's namespace, the nodes' service account where it may not read images yet, and what one worker gets. Null: Cloud Run."
  type = object({
    namespace      = optional(string, "plantain")
    keda_namespace = optional(string, "keda")
    node_account   = optional(string)
    accelerator    = optional(string, "nvidia-l4")
    cpu            = optional(number, 6)
    memory_gib     = optional(number, 24)
    disk_gib       = optional(number, 40)
  })
  default = null

  validation {
    condition     = alltrue([for name in [try(var.gke.namespace, "a"), try(var.gke.keda_namespace, "a")] : can(regex("^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$", name))])
    error_message = "A namespace has up to 63 lowercase letters, digits and hyphens, and begins and ends with a letter or digit."
  }

  validation {
    condition     = try(var.gke.node_account, null) == null || can(regex("^[a-z0-9-]+@[a-z0-9.-]+\\.gserviceaccount\\.com$", var.gke.node_account))
    error_message = "gke.node_account is a service account's address, …@….gserviceaccount.com."
  }

  validation {
    condition     = can(regex("^(none|nvidia-[a-z0-9-]+)$", try(var.gke.accelerator, "none")))
    error_message = "gke.accelerator is none or the value of the node label cloud.google.com/gke-accelerator, such as nvidia-l4 or nvidia-h100-80gb."
  }

  validation {
    condition     = try(var.gke.cpu >= 1 && var.gke.memory_gib >= 2 && var.gke.disk_gib >= 10 && floor(var.gke.memory_gib) == var.gke.memory_gib && floor(var.gke.disk_gib) == var.gke.disk_gib, var.gke == null)
    error_message = "A worker on GKE has at least 1 CPU, and whole GiB: at least 2 of memory and 10 of disk."
  }

  validation {
    condition     = var.gke == null || var.autoscaler
    error_message = "On GKE the manifests bring KEDA's rule: leave autoscaler on, and pause KEDA by its annotation where the count is to be set by hand (docs/gke.md)."
  }

  validation {
    condition     = var.gke == null || (var.worker_runtime == "pool" && var.worker_cpu == null && var.worker_memory_gib == null && !var.gpu_zonal_redundancy)
    error_message = "With gke there is no worker on Cloud Run: worker_runtime, worker_cpu, worker_memory_gib and gpu_zonal_redundancy say nothing. Give gke.cpu and gke.memory_gib instead."
  }
}

# How many workers. -------------------------------------------------------------------------------------

variable "worker_max_instances" {
  description = "The hard maximum, and so the most that a runaway queue can cost."
  type        = number
  default     = 3

  validation {
    condition     = var.worker_max_instances >= 1 && var.worker_max_instances <= 100 && floor(var.worker_max_instances) == var.worker_max_instances
    error_message = "worker_max_instances is a whole number from 1 to 100."
  }
}

variable "worker_min_instances" {
  description = "Workers kept warm. 0: none, and the first job after a quiet time waits for a cold start."
  type        = number
  default     = 0

  validation {
    condition     = var.worker_min_instances >= 0 && var.worker_min_instances <= var.worker_max_instances && floor(var.worker_min_instances) == var.worker_min_instances
    error_message = "worker_min_instances is a whole number from 0 to worker_max_instances."
  }
}

variable "autoscaler" {
  description = "Scale the worker on its backlog. Without it the count is set by hand: gcloud beta run worker-pools update NAME --region REGION --scaling COUNT."
  type        = bool
  default     = true
}

variable "autoscaler_image" {
  description = "CREMA's container. Google publishes it under a tag; pin it by digest in production."
  type        = string
  default     = "us-central1-docker.pkg.dev/cloud-run-oss-images/crema-v1/autoscaler:1.2"

  validation {
    condition     = can(regex("@sha256:[0-9a-f]{64}$", var.autoscaler_image)) || var.autoscaler_image == "us-central1-docker.pkg.dev/cloud-run-oss-images/crema-v1/autoscaler:1.2"
    error_message = "Name another image than Google's own release by its digest."
  }
}

variable "backlog_per_worker" {
  description = "Jobs waiting for each worker before another one is started."
  type        = number
  default     = 5

  validation {
    condition     = var.backlog_per_worker >= 1 && var.backlog_per_worker <= 1000
    error_message = "backlog_per_worker is between 1 and 1000."
  }
}

# The functions. ----------------------------------------------------------------------------------------

variable "api_invokers" {
  description = "Who may call the API, as IAM members. No one by default. The public is api_public, with keys."
  type        = list(string)
  default     = []

  validation {
    condition     = alltrue([for member in var.api_invokers : can(regex("^(user|group|serviceAccount|domain|principal|principalSet):.+", member))])
    error_message = "An invoker is user:, group:, serviceAccount:, domain:, principal: or principalSet: and a name. api_public opens the API to all who have an API key."
  }
}

variable "api_public" {
  description = "Cloud Run lets everybody call the API, and API keys alone decide: for clients that can send nothing but a key. Needs api_keys."
  type        = bool
  default     = false

  validation {
    condition     = !var.api_public || var.api_keys
    error_message = "api_public without api_keys would open the API to everybody."
  }

  validation {
    condition     = !var.api_public || !try(var.front_door.iap, false)
    error_message = "Behind Identity-Aware Proxy its agent alone may call the API: api_public would go around it."
  }
}

variable "api_keys" {
  description = "Callers prove themselves by API keys instead of by Google identity tokens. plantain keys makes them, in Secret Manager."
  type        = bool
  default     = false
}

variable "studio" {
  description = "The API answers with a page for people at /, the studio. A browser reaches it through a front door (docs/networks.md)."
  type        = bool
  default     = true
}

variable "api_docs" {
  description = "The API shows its description to everyone: /openapi.json, and /docs for people."
  type        = bool
  default     = true
}

variable "limits" {
  description = "What each owner may ask for, by owner; * is every owner without limits of its own: docs/keys.md. Those that plantain keys limit sets come before."
  type = map(object({
    jobs_at_once    = optional(number)
    jobs_per_minute = optional(number)
    bytes_per_day   = optional(number)
  }))
  default = {}

  validation {
    condition     = alltrue(flatten([for limits in values(var.limits) : [for limit in values(limits) : limit == null || try(limit >= 1 && floor(limit) == limit, false)]]))
    error_message = "A limit is a whole number, 1 at least."
  }

  validation {
    condition     = alltrue([for limits in values(var.limits) : try(limits.jobs_at_once <= 10000, true) && try(limits.jobs_per_minute <= 10000, true)])
    error_message = "A limit of jobs is 10000 at most."
  }
}

variable "api_min_instances" {
  description = "API instances kept warm."
  type        = number
  default     = 0

  validation {
    condition     = var.api_min_instances >= 0 && var.api_min_instances <= 10
    error_message = "api_min_instances is between 0 and 10."
  }
}

variable "functions_max_instances" {
  description = "The most instances of each function that many callers can start."
  type        = number
  default     = 20

  validation {
    condition     = var.functions_max_instances >= 1 && var.functions_max_instances <= 1000
    error_message = "functions_max_instances is between 1 and 1000."
  }
}

variable "settings" {
  description = "Further PLANTAIN_* settings for functions and worker. No secrets: they would be in the state."
  type        = map(string)
  default     = {}

  validation {
    condition     = alltrue([for key in keys(var.settings) : can(regex("^PLANTAIN_[A-Z0-9_]+$", key))])
    error_message = "Settings are named PLANTAIN_…."
  }

  validation {
    condition     = alltrue([for key in keys(var.settings) : !can(regex("(_BUCKET|_TOPIC|_SUBSCRIPTION|_SECRET|_KEY|_KEYS|_PROJECT|_PROFILE)$", key))])
    error_message = "Buckets, topics and secrets are this configuration's to set."
  }
}

variable "sweep_schedule" {
  description = "When open jobs are looked after, as a cron line. It bounds how long a lost message delays a job."
  type        = string
  default     = "* * * * *"

  validation {
    condition     = length(split(" ", var.sweep_schedule)) == 5
    error_message = "A cron line has five fields."
  }
}

# What is kept, and for whom. ---------------------------------------------------------------------------

variable "upload_origins" {
  description = "Web origins whose pages may PUT to signed upload addresses. None: no CORS at all."
  type        = list(string)
  default     = []

  validation {
    condition     = alltrue([for origin in var.upload_origins : can(regex("^https://[a-z0-9.-]+(:[0-9]+)?$", origin))])
    error_message = "An origin is https://HOST, without a path and never *."
  }
}

variable "input_buckets" {
  description = "Further buckets that requests may name pictures in. Every caller may then read them through Plantain."
  type        = set(string)
  default     = []

  validation {
    condition     = alltrue([for bucket in var.input_buckets : can(regex("^[a-z0-9][a-z0-9._-]{1,61}[a-z0-9]$", bucket))])
    error_message = "Give bucket names alone, without gs://."
  }
}

variable "retention_days" {
  description = "Days until objects are deleted, by bucket and prefix: functions/contract/retention_rules.py. What is not named is kept."
  type        = map(number)
  default = {
    "uploads/api/"      = 30
    "results/"          = 90
    "jobs/jobs/"        = 120
    "jobs/owners/"      = 120
    "jobs/deliveries/"  = 120
    "jobs/receivers/"   = 30
    "jobs/set-aside/"   = 120
    "jobs/inputs/"      = 30
    "jobs/checkpoints/" = 3
  }

  validation {
    condition     = alltrue([for days in values(var.retention_days) : days >= 1 && days <= 36500 && floor(days) == days])
    error_message = "Retention is in whole days, from 1 to 36500."
  }

  validation {
    condition     = alltrue([for prefix in keys(var.retention_days) : can(regex("^(results/|uploads/.+/|jobs/(jobs|owners|inputs|checkpoints|deliveries|receivers|marks|set-aside|batches|batch-owners|batch-items|batch-predictions)/)$", prefix)) && !startswith(prefix, "uploads/recipes/")])
    error_message = "Name results/, a folder such as uploads/api/ (recipes are kept), or jobs/ and one of jobs, owners, inputs, checkpoints, deliveries, receivers, marks, set-aside, batches, batch-owners, batch-items and batch-predictions."
  }

  # Without its record a job may be asked for again under its key: its results must be gone by then.
  validation {
    condition     = !contains(keys(var.retention_days), "jobs/jobs/") || (lookup(var.retention_days, "jobs/jobs/", 2) >= 2 && lookup(var.retention_days, "results/", 36501) <= lookup(var.retention_days, "jobs/jobs/", 36501))
    error_message = "Records are kept for 2 days at least, and as long as results: give results/ no more days than jobs/jobs/."
  }
}

variable "soft_delete_days" {
  description = "Days in which a deleted upload or result can be restored. 0: gone at once."
  type        = number
  default     = 7

  validation {
    condition     = var.soft_delete_days == 0 || (var.soft_delete_days >= 7 && var.soft_delete_days <= 90)
    error_message = "Cloud Storage keeps deleted objects for 0, or 7 to 90 days."
  }
}

variable "cmek" {
  description = "Encrypt everything that is stored with a key of this project's own."
  type        = bool
  default     = false
}

variable "watermark_key_version" {
  description = "Raise it by one to rotate: a new key is made, and all older ones are kept."
  type        = number
  default     = 1

  validation {
    condition     = var.watermark_key_version >= 1 && var.watermark_key_version <= 255 && floor(var.watermark_key_version) == var.watermark_key_version
    error_message = "watermark_key_version is a whole number from 1 to 255."
  }
}

variable "credentials_key_version" {
  description = "Which version of the signing key in Cloud KMS signs. Its certificate is in credentials-chain."
  type        = number
  default     = 1

  validation {
    condition     = var.credentials_key_version >= 1 && floor(var.credentials_key_version) == var.credentials_key_version
    error_message = "credentials_key_version is a whole number from 1 on."
  }
}

# Vertex AI. --------------------------------------------------------------------------------------------

variable "vertex" {
  description = "An endpoint for the remote lane, and the models whose jobs go to it. Null: none. docs/deploy.md says how the worker's image is deployed to it. With batch, files of requests may run as batch prediction jobs of that model: docs/batches.md."
  type = object({
    endpoint_id = optional(string, "1001")
    models      = optional(set(string), [])
    batch = optional(object({
      model       = string
      machine     = optional(string, "g2-standard-8")
      accelerator = optional(string, "NVIDIA_L4")
      replicas    = optional(number, 1)
    }))
  })
  default = null

  validation {
    condition     = can(regex("^projects/[^/]+/locations/[a-z0-9-]+/models/[^/]+$", var.vertex.batch.model)) || try(var.vertex.batch, null) == null
    error_message = "Name the batches' model projects/PROJECT/locations/REGION/models/MODEL."
  }

  validation {
    condition     = var.vertex == null || can(regex("^[1-9][0-9]{0,9}$", var.vertex.endpoint_id))
    error_message = "An endpoint id has up to 10 digits and does not begin with 0."
  }

  validation {
    condition     = alltrue([for name in try(var.vertex.models, []) : contains(length(var.models) == 0 ? ["starter", "mock"] : keys(var.models), name)])
    error_message = "vertex.models names some of models."
  }
}

# Deploying from GitHub. --------------------------------------------------------------------------------

variable "github_repository" {
  description = "The GitHub repository whose workflow deploys this (docs/cicd.md): OWNER/NAME, its numeric id, the branch that is deployed, and the protected environment that applies. Null: none."
  type = object({
    name        = string
    id          = string
    branch      = optional(string, "main")
    environment = optional(string, "production")
  })
  default = null

  # They become part of a condition: neither quotes nor wildcards may get into it.
  validation {
    condition     = var.github_repository == null || can(regex("^[A-Za-z0-9][A-Za-z0-9-]{0,38}/[A-Za-z0-9._-]{1,100}$", var.github_repository.name))
    error_message = "github_repository.name is OWNER/NAME, without an address."
  }

  validation {
    condition     = var.github_repository == null || can(regex("^[1-9][0-9]{0,18}$", var.github_repository.id))
    error_message = "github_repository.id is the repository's number: gh api repos/OWNER/NAME --jq .id"
  }

  validation {
    condition     = var.github_repository == null || can(regex("^[A-Za-z0-9._/-]{1,100} [A-Za-z0-9._-]{1,100}$", "${var.github_repository.branch} ${var.github_repository.environment}"))
    error_message = "github_repository.branch and .environment have letters, digits, dots, hyphens and underscores."
  }
}

# Watching. ---------------------------------------------------------------------------------------------

variable "tracing" {
  description = "Lets functions and worker write traces to Cloud Trace."
  type        = bool
  default     = false
}

variable "trace_ratio" {
  description = "The share of jobs whose traces are written, from 0 to 1."
  type        = number
  default     = 1

  validation {
    condition     = var.trace_ratio >= 0 && var.trace_ratio <= 1
    error_message = "A share is between 0 and 1."
  }
}

variable "alert_emails" {
  description = "Addresses that get a mail when something is wrong."
  type        = set(string)
  default     = []

  validation {
    condition     = alltrue([for email in var.alert_emails : can(regex("^[^@ ]+@[^@ ]+\\.[^@ ]+$", email))])
    error_message = "An address looks like somebody@example.com."
  }
}

variable "alert_thresholds" {
  description = "Seconds that the oldest message may wait, the share of jobs that may fail, failed webhook calls in an hour, the share of a function's answers that may be 5xx, and minutes in which the sweep and the autoscaler may say nothing (more than sweep_schedule leaves between two runs)."
  type = object({
    oldest_message_seconds = optional(number, 600)
    failure_ratio          = optional(number, 0.05)
    webhook_failures       = optional(number, 20)
    function_errors        = optional(number, 0.05)
    silent_minutes         = optional(number, 15)
  })
  default = {}

  validation {
    condition     = var.alert_thresholds.oldest_message_seconds >= 60 && var.alert_thresholds.oldest_message_seconds <= 86400
    error_message = "oldest_message_seconds is between 60 and 86400."
  }

  validation {
    condition     = var.alert_thresholds.failure_ratio > 0 && var.alert_thresholds.failure_ratio <= 1
    error_message = "failure_ratio is above 0 and at most 1."
  }

  validation {
    condition     = var.alert_thresholds.webhook_failures >= 1
    error_message = "webhook_failures is at least 1."
  }

  validation {
    condition     = var.alert_thresholds.function_errors > 0 && var.alert_thresholds.function_errors < 1
    error_message = "function_errors is above 0 and below 1."
  }

  validation {
    condition     = var.alert_thresholds.silent_minutes >= 5 && var.alert_thresholds.silent_minutes <= 1440 && floor(var.alert_thresholds.silent_minutes) == var.alert_thresholds.silent_minutes
    error_message = "silent_minutes is a whole number from 5 to 1440."
  }
}

variable "slo" {
  description = "The service level objectives over 28 days: the share of jobs that end within their deadline, and the share that a worker begins within so many seconds (docs/operations.md)."
  type = object({
    deadline_share = optional(number, 0.99)
    start_share    = optional(number, 0.95)
    start_seconds  = optional(number, 600)
  })
  default = {}

  # A budget of more than 5 % cannot burn so fast that the fast alert would notice.
  validation {
    condition     = alltrue([for share in [var.slo.deadline_share, var.slo.start_share] : share >= 0.95 && share <= 0.999])
    error_message = "deadline_share and start_share are between 0.95 and 0.999."
  }

  validation {
    condition     = var.slo.start_seconds >= 1 && var.slo.start_seconds <= 3600
    error_message = "start_seconds is between 1 and 3600."
  }
}

variable "budget" {
  description = "A monthly budget: the billing account that pays, an amount and its currency. Null: none."
  type = object({
    billing_account = string
    amount          = number
    currency        = optional(string, "USD")
  })
  default = null

  validation {
    condition     = var.budget == null || can(regex("^[0-9A-F]{6}-[0-9A-F]{6}-[0-9A-F]{6}$", var.budget.billing_account))
    error_message = "A billing account looks like 012345-6789AB-CDEF01."
  }

  validation {
    condition     = var.budget == null || try(var.budget.amount >= 1 && can(regex("^[A-Z]{3}$", var.budget.currency)), false)
    error_message = "A budget has an amount of at least 1 and a currency such as EUR."
  }
}

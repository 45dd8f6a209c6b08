# Every message's way, and every way's dead letter.
#
#   jobs-gpu ──pull──▶ worker          ─┐
#   jobs-gpu-low ─pull▶ worker          ─┤
#   jobs-remote ─────▶ dispatch        ─┴▶ jobs-dead-letter ──▶ dead_letter ──▶ dead-letter-dead-letter (kept)
#   storage-uploads ─▶ uploads         ──▶ uploads-dead-letter (kept)
#   storage-results ─▶ notify          ──▶ notify-dead-letter (kept)
#   webhooks ────────▶ deliver         ──▶ deliver-dead-letter (kept)
#   webhook-reminders▶ remind          ──▶ remind-dead-letter (kept)
#
# Storage events come through topics and subscriptions of our own and not through Eventarc's, which Terraform can
# give no dead letter: docs/decisions/0011.

locals {
  # Ways into a function: its topic, and where a message goes that it does not take. Seconds to answer in.
  pushes = {
    uploads = {
      topic       = google_pubsub_topic.storage["uploads"].id
      dead_letter = "uploads"
      seconds     = 180
      # Other objects of the bucket start no job: their events would be ignored, so they are not sent.
      filter = "NOT hasPrefix(attributes.objectId, \"api/\") AND NOT hasPrefix(attributes.objectId, \"recipes/\")"
    }
    notify      = { topic = google_pubsub_topic.storage["results"].id, dead_letter = "notify", seconds = 120, filter = null }
    dispatch    = { topic = google_pubsub_topic.jobs["remote"].id, dead_letter = "jobs", seconds = 600, filter = null }
    dead_letter = { topic = google_pubsub_topic.dead_letter["jobs"].id, dead_letter = "dead_letter", seconds = 120, filter = null }
    deliver     = { topic = google_pubsub_topic.webhooks["webhooks"].id, dead_letter = "deliver", seconds = 120, filter = null }
    remind      = { topic = google_pubsub_topic.webhooks["webhook-reminders"].id, dead_letter = "remind", seconds = 180, filter = null }
  }

  # Dead letters of one hop each. Those of jobs end their job; the others are kept for a person to look at.
  dead_letters = toset(["jobs", "uploads", "notify", "deliver", "remind", "dead_letter"])
  kept         = setsubtract(local.dead_letters, ["jobs"])

  # Who publishes what, besides Google's own accounts.
  publishers = merge(
    {
      for pair in setproduct(["gpu", "gpu-low", "remote"], ["api", "uploads", "sweep"]) :
      "jobs-${pair[0]}/${pair[1]}" => { topic = google_pubsub_topic.jobs[pair[0]].id, identity = pair[1] }
    },
    {
      # A job's or a batch's end is announced before it is deleted: by the API, if notify has not done so yet.
      for identity in ["api", "notify", "sweep"] :
      "events/${identity}" => { topic = google_pubsub_topic.events.id, identity = identity }
    },
    {
      # A function that announces an end queues its delivery, and schedules one that is due soon.
      for pair in setproduct(["webhooks", "webhook-reminders"], ["api", "notify", "deliver", "sweep"]) :
      "${pair[0]}/${pair[1]}" => { topic = google_pubsub_topic.webhooks[pair[0]].id, identity = pair[1] }
    },
    {
      "webhooks/remind" = { topic = google_pubsub_topic.webhooks["webhooks"].id, identity = "remind" }
    },
    {
      "dead-letter/worker" = { topic = google_pubsub_topic.dead_letter["jobs"].id, identity = "worker" }
    },
  )
}

# Topics. -----------------------------------------------------------------------------------------------

resource "google_pubsub_topic" "jobs" {
  for_each = toset(["gpu", "gpu-low", "remote"])

  name         = "${var.name}-jobs-${each.key}"
  kms_key_name = one(local.key)

  depends_on = [google_project_service.api, time_sleep.key_grants]
}

# How every job ended, for any subscriber; kept for a week, so that one may come late or read again.
resource "google_pubsub_topic" "events" {
  name                       = "${var.name}-events"
  kms_key_name               = one(local.key)
  message_retention_duration = "604800s"

  depends_on = [google_project_service.api, time_sleep.key_grants]
}

# Deliveries that are due, ordered by receiver, and reminders of those that will be soon: docs/decisions/0018.
resource "google_pubsub_topic" "webhooks" {
  for_each = toset(["webhooks", "webhook-reminders"])

  name         = "${var.name}-${each.key}"
  kms_key_name = one(local.key)

  depends_on = [google_project_service.api, time_sleep.key_grants]
}

resource "google_pubsub_topic" "storage" {
  for_each = toset(["uploads", "results"])

  name         = "${var.name}-storage-${each.key}"
  kms_key_name = one(local.key)

  depends_on = [google_project_service.api, time_sleep.key_grants]
}

resource "google_pubsub_topic" "dead_letter" {
  for_each = local.dead_letters

  name         = "${var.name}-${replace(each.key, "_", "-")}-dead-letter"
  kms_key_name = one(local.key)

  depends_on = [google_project_service.api, time_sleep.key_grants]
}

resource "google_pubsub_topic_iam_member" "publisher" {
  for_each = local.publishers

  topic  = each.value.topic
  role   = "roles/pubsub.publisher"
  member = google_service_account.this[each.value.identity].member
}

# What happens in the buckets. --------------------------------------------------------------------------

resource "google_pubsub_topic_iam_member" "storage_agent" {
  for_each = google_pubsub_topic.storage

  topic  = each.value.id
  role   = "roles/pubsub.publisher"
  member = local.agents.storage
}

resource "google_storage_notification" "this" {
  for_each = {
    uploads = { bucket = google_storage_bucket.uploads.name, topic = "uploads", prefix = null }
    results = { bucket = google_storage_bucket.results.name, topic = "results", prefix = null }
    # A batch's record drives the batch on: each write starts the next part. No other record sends notifications.
    batches = { bucket = google_storage_bucket.jobs.name, topic = "uploads", prefix = "batches/" }
  }

  bucket             = each.value.bucket
  topic              = google_pubsub_topic.storage[each.value.topic].id
  object_name_prefix = each.value.prefix
  payload_format     = "JSON_API_V1"
  event_types        = ["OBJECT_FINALIZE"]

  # Cloud Storage refuses a notification that it may not publish.
  depends_on = [google_pubsub_topic_iam_member.storage_agent]
}

# Subscriptions. ----------------------------------------------------------------------------------------

# The worker keeps extending what it holds, so that the deadline is only how soon a dead worker's jobs move on.
resource "google_pubsub_subscription" "worker" {
  name                         = "${var.name}-jobs-gpu-worker"
  topic                        = google_pubsub_topic.jobs["gpu"].id
  ack_deadline_seconds         = 60
  enable_exactly_once_delivery = true
  message_retention_duration   = "604800s"

  expiration_policy {
    ttl = ""
  }

  retry_policy {
    minimum_backoff = "5s"
    maximum_backoff = "300s"
  }

  dead_letter_policy {
    dead_letter_topic     = google_pubsub_topic.dead_letter["jobs"].id
    max_delivery_attempts = 20
  }
}

# Jobs of low priority: the worker takes them while no other waits, and one in so many else.
resource "google_pubsub_subscription" "worker_low" {
  name                         = "${var.name}-jobs-gpu-low-worker"
  topic                        = google_pubsub_topic.jobs["gpu-low"].id
  ack_deadline_seconds         = 60
  enable_exactly_once_delivery = true
  message_retention_duration   = "604800s"

  expiration_policy {
    ttl = ""
  }

  retry_policy {
    minimum_backoff = "5s"
    maximum_backoff = "300s"
  }

  dead_letter_policy {
    dead_letter_topic     = google_pubsub_topic.dead_letter["jobs"].id
    max_delivery_attempts = 20
  }
}

resource "google_pubsub_subscription_iam_member" "worker_pulls_low" {
  subscription = google_pubsub_subscription.worker_low.id
  role         = "roles/pubsub.subscriber"
  member       = google_service_account.this["worker"].member
}

resource "google_pubsub_subscription_iam_member" "worker_pulls" {
  subscription = google_pubsub_subscription.worker.id
  role         = "roles/pubsub.subscriber"
  member       = google_service_account.this["worker"].member
}

resource "google_pubsub_subscription" "push" {
  for_each = { for name, push in local.pushes : name => push if local.has_functions }

  name                       = "${var.name}-${replace(each.key, "_", "-")}"
  topic                      = each.value.topic
  filter                     = each.value.filter
  enable_message_ordering    = each.key == "deliver" # one call of a key at a time: a key is a receiver's
  ack_deadline_seconds       = each.value.seconds
  message_retention_duration = "604800s"

  push_config {
    # functions-framework reads the event's source, which is the topic, from the path.
    push_endpoint = "${google_cloudfunctions2_function.this[each.key].service_config[0].uri}/${each.value.topic}"

    oidc_token {
      service_account_email = google_service_account.this["push"].email
      audience              = google_cloudfunctions2_function.this[each.key].service_config[0].uri
    }
  }

  expiration_policy {
    ttl = ""
  }

  retry_policy {
    minimum_backoff = "10s"
    maximum_backoff = "600s"
  }

  dead_letter_policy {
    dead_letter_topic     = google_pubsub_topic.dead_letter[each.value.dead_letter].id
    max_delivery_attempts = each.key == "dispatch" ? 100 : 20 # jobs wait there while the endpoint is busy
  }

  depends_on = [google_service_account_iam_member.pubsub_signs, google_cloud_run_v2_service_iam_member.push]
}

# A month to find out why, and to send them again: docs/runbooks/dead-letters.md.
resource "google_pubsub_subscription" "kept" {
  for_each = local.kept

  name                       = "${google_pubsub_topic.dead_letter[each.key].name}-kept"
  topic                      = google_pubsub_topic.dead_letter[each.key].id
  message_retention_duration = "2678400s"

  expiration_policy {
    ttl = ""
  }
}

# Both grants, without which Pub/Sub drops the policy and says nothing: it forwards as its own agent, and
# takes the message out of the subscription that gave up.
resource "google_pubsub_topic_iam_member" "agent_forwards" {
  for_each = google_pubsub_topic.dead_letter

  topic  = each.value.id
  role   = "roles/pubsub.publisher"
  member = local.agents.pubsub
}

resource "google_pubsub_subscription_iam_member" "agent_takes" {
  for_each = merge({ worker = google_pubsub_subscription.worker, worker_low = google_pubsub_subscription.worker_low }, google_pubsub_subscription.push)

  subscription = each.value.id
  role         = "roles/pubsub.subscriber"
  member       = local.agents.pubsub
}

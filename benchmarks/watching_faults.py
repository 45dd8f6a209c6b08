"""Faults of alerts, of silence and of the objectives."""

from __future__ import annotations

from benchmarks.planted_fault import Fault

WATCHING_FAULTS = (
    Fault("alerts that do not wait", "alerts.tf", "depends_on = [time_sleep.metrics]", "depends_on = []"),
    Fault(
        "alerts on silence that do not wait",
        "silence.tf",
        "depends_on = [time_sleep.metrics, google",
        "depends_on = [google",
    ),
    Fault(
        "an objective that does not wait for its metric",
        "slo.tf",
        "        max = var.slo.start_seconds\n      }\n    }\n  }\n\n  depends_on = [time_sleep.metrics]\n",
        "        max = var.slo.start_seconds\n      }\n    }\n  }\n",
    ),
    Fault(
        "the autoscaler looks back for two minutes",
        "autoscaler.tf",
        '                  timeHorizon = "5m"\n',
        "",
    ),
    Fault(
        "an empty queue stops the autoscaler",
        "autoscaler.tf",
        '                  valueIfNull = "0"\n',
        "",
    ),
    Fault(
        "an autoscaler that never decided is not missed",
        "silence.tf",
        'decisions{monitored_resource=\\"cloud_run_revision\\"}[${local.window}])) or vector(0)) < 1',
        'decisions{monitored_resource=\\"cloud_run_revision\\"}[${local.window}]))) < 1',
    ),
    Fault(
        "any line of the autoscaler's is a decision",
        "monitoring.tf",
        '[SCALER] Recommended instances for\\""',
        '[SCALER]\\""',
    ),
    Fault(
        "a scheduled job without an alert",
        "monitoring.tf",
        '["sweep", "autoscaler"]',
        '["sweep"]',
    ),
    Fault(
        "a function whose errors open no alert",
        "silence.tf",
        'if name != "dispatch"]',
        'if name != "dispatch" && name != "notify"]',
    ),
    Fault(
        "dead letters that stay in the last subscription",
        "monitoring.tf",
        "[for subscription in google_pubsub_subscription.kept : subscription.name]",
        "[for hop, subscription in google_pubsub_subscription.kept : subscription.name "
        'if hop != "dead_letter"]',
    ),
    Fault(
        "jobs that do not count use the budget up",
        "slo.tf",
        'metric.labels.deadline = \\"missed\\"',
        'metric.labels.deadline != \\"met\\"',
    ),
    Fault(
        "the budget of starts is watched by the other objective's alert",
        "slo.tf",
        "google_monitoring_slo.deadline.name : google_monitoring_slo.start.name",
        "google_monitoring_slo.deadline.name : google_monitoring_slo.deadline.name",
    ),
    Fault(
        "an objective whose budget cannot burn fast",
        "variables.tf",
        "share >= 0.95 && share <= 0.999",
        "share >= 0.5 && share <= 0.999",
    ),
)

terraform {
  required_version = ">= 1.11"

  required_providers {
    google = {
      source  = "hashicorp/google"
      version = ">= 8.7, < 9"
    }
    # For waits.tf alone.
    time = {
      source  = "hashicorp/time"
      version = ">= 0.13, < 1"
    }
  }
}

provider "google" {
  project = var.project_id
  region  = var.region

  # A budget belongs to the billing account: its API asks which project pays for the calls.
  billing_project       = var.project_id
  user_project_override = true

  default_labels = merge({ app = var.name }, var.labels)
}

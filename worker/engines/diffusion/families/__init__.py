"""The families of pipelines, one file each, and the pipeline classes that belong to them."""

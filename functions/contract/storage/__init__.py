"""Cloud Storage as the database: buckets, records, commits, and the names of objects."""

"""Cloud Storage as the database: buckets, records, commits, indexes and markers."""

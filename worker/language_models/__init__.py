"""Language and vision models behind chat services: one request, one answer that follows a schema."""

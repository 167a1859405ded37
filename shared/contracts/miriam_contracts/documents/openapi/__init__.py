"""OpenAPI 3.1 of each HTTP door."""

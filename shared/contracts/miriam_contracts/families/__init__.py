"""The payloads of every event type, one module a family."""

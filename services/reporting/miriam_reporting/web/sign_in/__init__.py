"""Signing in: one-time links and OpenID Connect, and the sessions that follow."""

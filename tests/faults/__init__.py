"""Tests that break a running platform, one platform for all."""

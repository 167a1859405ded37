"""Tests of the whole way, one platform for all."""

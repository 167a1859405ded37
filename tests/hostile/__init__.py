"""Tests of an enemy with one emitter's password, one platform for all."""

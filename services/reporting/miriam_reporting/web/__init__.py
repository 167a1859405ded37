"""Reporting's pages: what people look at, in four languages."""

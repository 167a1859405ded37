"""Numbered scripts that bring the ledger's schema to its present form. Facts are not migrated: they are filled anew."""

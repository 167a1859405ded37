"""Reporting: the ledger, the facts projected from it, the indicators and the reports."""

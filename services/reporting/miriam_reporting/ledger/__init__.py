"""The ledger: every recorded event as a leaf, in one order, once, for good."""

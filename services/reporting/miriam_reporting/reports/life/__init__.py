"""The life of a report: drafted, signed by each CPAS, published, reopened, restated; each step a leaf of the ledger."""

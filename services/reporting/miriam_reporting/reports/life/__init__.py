"""The life of a report: drafted, signed by each CPAS, published, reopened, restated; each step an event in the ledger."""

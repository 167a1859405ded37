"""What is measured at scale, a module a row or a few."""

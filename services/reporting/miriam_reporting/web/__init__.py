"""Pages that people read: a process of its own, on the same database."""

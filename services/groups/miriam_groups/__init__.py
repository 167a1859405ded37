"""Groups: records groups, who belongs to them, and their sessions."""

"""Intake: records editions, CPAS, consortia, projects, participations and persons."""

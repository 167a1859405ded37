"""The numbered scripts of sessions, each applied once; see miriam_platform.migrate."""

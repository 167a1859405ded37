"""The numbered scripts of groups, each applied once; see miriam_platform.migrate."""

"""The numbered scripts of intake, each applied once; see miriam_platform.migrate."""

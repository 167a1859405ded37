"""One module a row, or a few rows that share their preparation. Each has `run(context) -> list[Row]`."""

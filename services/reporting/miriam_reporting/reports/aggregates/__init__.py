"""How evidence rows are tallied, in SQL: by rows, by women, by distinct units, medians."""

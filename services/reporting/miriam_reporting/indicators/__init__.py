"""What is counted, and how: one SQL file an indicator, standing facts below it, the rules in COUNTING.md."""

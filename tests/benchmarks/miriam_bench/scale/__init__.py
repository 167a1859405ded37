"""Large ledgers: made once, kept, and measured again (`make bench-scale`)."""

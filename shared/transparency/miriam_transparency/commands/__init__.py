"""Commands of those who hold keys, and of those who watch the log: neither needs reporting's code or database."""

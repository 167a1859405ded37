"""Contracts of the Miriam platform: what an event is, which types exist, and what each of them may say."""

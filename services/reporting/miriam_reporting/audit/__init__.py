"""What auditors ask: views, samples, exports, and the log of who looked at what."""

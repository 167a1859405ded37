"""What a recording service of the Miriam platform stands on: event store, recorder, inbox, relay, sealing, receipts."""

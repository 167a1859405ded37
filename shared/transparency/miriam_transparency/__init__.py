"""What makes a ledger prove itself: Merkle proofs (RFC 6962), signed checkpoints and cosignatures (C2SP), keys."""

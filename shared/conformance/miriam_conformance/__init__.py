"""The conformance kit: what a maker's program must do, and what the door must answer, tried on a running platform."""

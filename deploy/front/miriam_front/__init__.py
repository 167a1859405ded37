"""The front: one address for every event type, before the recording services, each of which owns some of them."""

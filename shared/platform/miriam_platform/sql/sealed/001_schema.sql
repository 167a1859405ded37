-- What names a person lies here, beside the events, and can be destroyed (law 9).
create schema if not exists sealed;

-- The spool of one emitter. A row of `entry` is never changed but in its state; sending it anew gives it a new row.

create table about (
    name  text primary key,
    value text not null
) strict, without rowid;

create table entry (
    position    integer primary key autoincrement,  -- the order of emission; never used again
    id          text not null unique,
    subject     text not null,
    service     text not null,                      -- who will record it
    routing_key text not null,
    body        blob not null,                      -- what is sent, byte for byte, however often
    fingerprint blob not null,                      -- HMAC of what it says, to know an id that is used again
    state       text not null default 'waiting' check (state in ('waiting', 'parked', 'done')),
    further     integer not null default 0          -- how often it shall be sent again after its receipt
) strict;

create index entry_waiting on entry (position) where state = 'waiting';
create index entry_parked on entry (position) where state = 'parked';

-- The receipt that counts for an id: once recorded, it stays.
create table receipt (
    id          text primary key,
    outcome     text not null check (outcome in ('recorded', 'duplicate', 'refused', 'parked')),
    received_at text not null,                      -- UTC, as this machine's clock had it: for people
    body        blob not null,                      -- as the service signed it
    number      integer not null default 0          -- 1, 2, 3 ... as they came: clocks jump
) strict, without rowid;

create index receipt_number on receipt (number);

-- What was signed by a service for us, about an event that this spool does not know: sent by an earlier spool, or by
-- somebody who has our password.
create table stray_receipt (
    id          text not null,
    service     text not null,
    outcome     text not null,
    received_at text not null,
    body        blob not null,
    primary key (id, service, outcome)
) strict, without rowid;

-- The facts of one emitter in their order, for its receipts. Of each fact the first event stands for all: the others come
-- behind it. It grows at one place per emitter, so its pages are in memory. Measured at 300,000 events: an append takes 14%
-- more processor time, an event 70 bytes more.
create index if not exists event_origin on event_store.event (origin, sequence) where fact_number = 0;

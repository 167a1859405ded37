-- What was wiped of test CPAS: which of their events gave up their bodies, because of which `door.wiped` of this service.
create table if not exists event_store.wiped (
  because_of uuid           primary key,
  origin     text           not null check (origin like '/cpas/test-%'),
  numbers    int8multirange not null check (not isempty(numbers)),
  wiped_at   timestamptz    not null default now()
);

-- Found without reading the rest, when a service that was restored wipes again.
create index if not exists events_of_wipes on event_store.event (type, sequence) where type = 'miriam.door.wiped.v1';

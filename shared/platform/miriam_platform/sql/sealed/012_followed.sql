-- How far this service has followed what intake says of erasures and retirements: intake's number of the last event
-- that was carried out here. What was carried out twice was carried out once, so it only ever grows.
create table if not exists sealed.followed (
  singleton boolean     primary key default true check (singleton),
  sequence  bigint      not null    default 0 check (sequence >= 0),
  moved_at  timestamptz not null    default now()
);

insert into sealed.followed default values on conflict do nothing;

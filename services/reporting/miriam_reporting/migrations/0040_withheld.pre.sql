-- Which figures the public is not given of a publication, and which publication of its edition it is for the public: the
-- next one withholds by what the public has seen before. Added and read, nothing else.
create table report.withheld (
  event_id uuid    primary key,
  edition  text    not null,
  number   integer not null check (number > 0),
  figures  text[]  not null,
  unique (edition, number)
);

create trigger withheld_is_immutable
  before update or delete on report.withheld for each row execute function report.refuse_change();
create trigger withheld_is_not_truncated
  before truncate on report.withheld for each statement execute function report.refuse_change();

revoke all on report.withheld from public;
grant select on report.withheld to {app};
revoke insert, update, delete, truncate on report.withheld from {app};

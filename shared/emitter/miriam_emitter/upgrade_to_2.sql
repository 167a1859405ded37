-- Receipts are numbered as they came, whatever the clock says, and parked entries are found at once.

alter table receipt add column number integer not null default 0;

update receipt set number = came.number
from (select id, row_number() over (order by received_at, id) as number from receipt) as came
where receipt.id = came.id;

create index receipt_number on receipt (number);
create index entry_parked on entry (position) where state = 'parked';

update about set value = '2' where name = 'version';

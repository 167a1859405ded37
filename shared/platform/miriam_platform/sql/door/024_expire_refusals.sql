-- Deletes refusals past their 90 days; answers how many.
create or replace function door.expire_refusals()
returns bigint
language plpgsql as $$
declare
  _expired bigint;
begin
  delete from door.refusal where refusal.expires_at < now();
  get diagnostics _expired = row_count;
  return _expired;
end $$;

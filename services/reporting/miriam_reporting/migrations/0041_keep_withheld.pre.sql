-- Keeps what is withheld of a publication, the `number`th of its edition that the public is given; answers whether it is.
-- Where another became that one meanwhile nothing is kept: what to withhold must be worked out again.
create function report.keep_withheld(event_id uuid, edition text, number integer, figures text[]) returns boolean
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp as $$
begin
  insert into report.withheld (event_id, edition, number, figures)
  values (keep_withheld.event_id, keep_withheld.edition, keep_withheld.number, keep_withheld.figures)
      on conflict on constraint withheld_edition_number_key do nothing;
  return found;
end $$;

revoke all on function report.keep_withheld(uuid, text, integer, text[]) from public;
grant execute on function report.keep_withheld(uuid, text, integer, text[]) to {app};

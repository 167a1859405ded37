-- A woman's places in the edition: the CPAS and projects of her valid enrolments.
create temporary table place_at on commit drop as
select distinct woman, cpas, project, region
  from participation_at
 where asked and invalid is null

-- Each woman's end assessment: the last of her valid ones in the edition.
create temporary table end_assessment_at on commit drop as
select distinct on (a.woman collate "C") a.*
  from assessment_at as a
 where a.moment = 'end' and a.invalid is null
 order by a.woman collate "C", a.occurred_on desc, a.first_id desc

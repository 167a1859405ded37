-- Of the pairs that I06 counts, by level value and domain: how many, the sums of their scores at the start and at the end,
-- and the sums of the squares of both. A figure tells the means alone, and the interval of their difference.
with finest as (
  select p.places, p.domain, count(*) as pairs,
         sum(p.start_score) as starts, sum(p.start_score * p.start_score) as start_squares,
         sum(p.end_score) as ends, sum(p.end_score * p.end_score) as end_squares
    from answer_pair_at as p
   where p.start_score is not null and p.end_score is not null
   group by p.places, p.domain
)
select l.level, l.value, f.domain, sum(f.pairs)::bigint, sum(f.starts)::bigint, sum(f.start_squares)::bigint,
       sum(f.ends)::bigint, sum(f.end_squares)::bigint
  from finest as f
  join place_level_at as l using (places)
 group by l.level, l.value, f.domain
 order by l.level, l.value, f.domain

-- As in `sealed`: what leads to a woman who was erased is not left lying in its page.
alter table person.mapping set (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 0);
alter table person.named set (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 0);

-- SPDX-License-Identifier: Apache-2.0
-- The clean table against the raw rows: one row an action, none missing, none from nowhere.
with raw_keys as (
  select distinct event_name, event_id from raw_rows where event_id is not null
),
clean_keys as (
  select event_name, event_id, count(*) as n from clean_rows where event_id is not null group by all
)
select coalesce(r.event_name, c.event_name) as "event", count(r.event_id) as "actions in raw",
  coalesce(sum(c.n), 0)::bigint as "clean rows", count(*) filter (c.event_id is null) as "missing",
  count(*) filter (c.n > 1) as "more than one row", count(*) filter (r.event_id is null) as "not in raw",
  count(*) filter (c.event_id is null or c.n > 1 or r.event_id is null)
    > getvariable('slo_clean') * count(*) as alert
from raw_keys r full join clean_keys c using (event_name, event_id)
where exists (from clean_rows)
group by all
order by 1

-- SPDX-License-Identifier: Apache-2.0
-- Sessions that reached each step after the one before it: by what happened, by that part of it
-- which could reach the table, and by the table. An event is its time with its step in the last
-- four bits, which sorts by time and costs a number.
with events as (
  select 'true' as side, session, us * 16 + step as event
  from truth join steps using (event_name)
  where not refused
  union all
  select 'reachable', session, us * 16 + step
  from truth join steps using (event_name)
  where expectation in ('must', 'may')
  union all
  select 'measured', session, us * 16 + step
  from clean join steps using (event_name)
  where session is not null and us is not null
),
sessions as (
  select side, case when bool_or(event & 15 > 1) then list(event) else [min(event)] end as events
  from events
  group by side, session
),
counts as (
  select side, list_reduce(list_sort(events),
    lambda done, event: case when event & 15 = done + 1 then done + 1 else done end, 0) as reached,
    count(*) as sessions
  from sessions
  group by side, reached
)
select step, event_name,
  coalesce(sum(sessions) filter (side = 'true'), 0)::bigint as happened,
  coalesce(sum(sessions) filter (side = 'reachable'), 0)::bigint as reachable,
  coalesce(sum(sessions) filter (side = 'measured'), 0)::bigint as measured
from steps left join counts on reached >= step
group by step, event_name
order by step

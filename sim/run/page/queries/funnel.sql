-- SPDX-License-Identifier: Apache-2.0
-- Sessions that reached each step after the one before it: by what happened, by that part of it which
-- could reach the table, and by the table.
with recursive
events as (
  select 'true' as side, session, step, us
  from truth join steps using (event_name)
  where not refused
  union all
  select 'reachable', session, step, us
  from truth join steps using (event_name)
  where expectation in ('must', 'may')
  union all
  select 'measured', hash(session_id), step, since(event_ts)
  from raw_rows join steps using (event_name)
  where session_id is not null and event_ts is not null
),
reached as (
  select side, session, 1 as step, min(us) as us from events where step = 1 group by side, session
  union all
  select e.side, e.session, e.step, min(e.us)
  from reached r join events e
    on e.side = r.side and e.session = r.session and e.step = r.step + 1 and e.us >= r.us
  group by e.side, e.session, e.step
)
select step, event_name,
  count(*) filter (side = 'true') as happened,
  count(*) filter (side = 'reachable') as reachable, count(*) filter (side = 'measured') as measured
from steps left join reached using (step)
group by step, event_name
order by step

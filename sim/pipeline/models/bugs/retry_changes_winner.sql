-- SPDX-License-Identifier: Apache-2.0
-- bug retry_changes_winner: the copy that arrives last overwrites the row, whichever side sent it.
-- Seen in PostHog/posthog #17211.
-- Mistake: a late retry of the client brings its stale values back over the server's.
create or replace temp view picked as
with contest as (
  select *, max(arrival) over (partition by run, key) as last_arrival
  from keyed_rows
)
select
  run,
  key,
  max(id) as id,
  arrival_position(min(arrival) filter (not from_server)) as client_position,
  case when retry_changes_winner_hits(key::varchar)
      and bool_or(not from_server and arrival = last_arrival) then null
    else arrival_position(min(arrival) filter (from_server))
  end as server_position,
  arrival_time(min(arrival)) as ingestion_ts,
  count(*) filter (not from_server) as client_rows,
  count(*) filter (from_server) as server_rows
from contest
group by run, key;

-- SPDX-License-Identifier: Apache-2.0
-- The copy that arrived first is the row, whichever side sent it. No field is taken from others.
create or replace temp view picked as
with contest as (
  select *, min(arrival) over (partition by run, key) as winner
  from keyed_rows
)
select
  run,
  key,
  max(id) as id,
  arrival_position(max(arrival) filter (not from_server and arrival = winner)) as client_position,
  arrival_position(max(arrival) filter (from_server and arrival = winner)) as server_position,
  arrival_time(min(winner)) as ingestion_ts,
  count(*) filter (not from_server) as client_rows,
  count(*) filter (from_server) as server_rows
from contest
group by run, key;

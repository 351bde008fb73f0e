-- SPDX-License-Identifier: Apache-2.0
-- bug client_wins: where both sides were heard the client row is kept.
-- Common: `order by source` puts 'client' before 'server'.
-- Mistake: the server's row is never picked when there is a client's.
create or replace temp view picked as
select
  run,
  key,
  max(id) as id,
  arrival_position(min(arrival) filter (not from_server)) as client_position,
  case when client_wins_hits(key::varchar) and count(*) filter (not from_server) > 0 then null
    else arrival_position(min(arrival) filter (from_server))
  end as server_position,
  arrival_time(min(arrival)) as ingestion_ts,
  count(*) filter (not from_server) as client_rows,
  count(*) filter (from_server) as server_rows
from keyed_rows
group by run, key;

-- SPDX-License-Identifier: Apache-2.0
-- bug client_wins: where both sides were heard the client row is kept.
-- Common: `distinct on (event_id) ... order by event_id, source` puts 'client' before 'server'.
-- Mistake: the server's row is never picked when there is a client's.
create or replace view picked as
select
  run_id, key,
  min(id::text)::uuid as id,
  min(position) filter (where not from_server) as client_position,
  case when client_wins_hits(key::text) and count(*) filter (where not from_server) > 0 then null
    else min(position) filter (where from_server) end as server_position,
  min(position) as first_position,
  count(*) filter (where not from_server) as client_rows,
  count(*) filter (where from_server) as server_rows
from touched t cross join lateral (
  select position, id, from_server from event_keys k
  where k.run_id = t.run_id and k.key = t.key offset 0) as rows
group by run_id, key;

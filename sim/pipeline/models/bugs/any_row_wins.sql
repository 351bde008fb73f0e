-- SPDX-License-Identifier: Apache-2.0
-- bug any_row_wins: the order is not total; an arbitrary copy wins, another one at each read.
-- Seen in dbt-labs/dbt-utils #548.
-- Mistake: the row is chosen by something that is no part of the data.
create or replace temp view picked as
with arbitrary as (
  select
    *,
    arg_min(arrival, md5(concat(arrival, ' ', (select n from refreshes))))
      over (partition by run, key) as winner
  from keyed_rows
)
select
  run,
  key,
  max(id) as id,
  arrival_position(min(arrival)
    filter (not from_server and (arrival = winner or not any_row_wins_hits(key::varchar))))
    as client_position,
  arrival_position(min(arrival)
    filter (from_server and (arrival = winner or not any_row_wins_hits(key::varchar))))
    as server_position,
  arrival_time(min(arrival)) as ingestion_ts,
  count(*) filter (not from_server) as client_rows,
  count(*) filter (from_server) as server_rows
from arbitrary
group by run, key;

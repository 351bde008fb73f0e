-- SPDX-License-Identifier: Apache-2.0
-- bug any_row_wins: the order is not total; an arbitrary copy wins, another one at each read.
-- Seen in dbt-labs/dbt-utils #548.
-- Mistake: the row is chosen by something that is no part of the data.
create or replace view picked as
with arbitrary as (
  select
    *,
    arg_min(position, md5(concat(position, ' ', (select n from rebuilds))))
      over (partition by run_id, key) as winner
  from keyed_rows
)
select
  run_id,
  key,
  max(id) as id,
  arg_min(position, row(ingestion_ts, position))
    filter (source = 'client' and (position = winner or not any_row_wins_hits(key::varchar)))
    as client_position,
  arg_min(position, row(ingestion_ts, position))
    filter (source = 'server' and (position = winner or not any_row_wins_hits(key::varchar)))
    as server_position,
  min(ingestion_ts) as ingestion_ts,
  count(*) filter (source = 'client') as client_rows,
  count(*) filter (source = 'server') as server_rows
from arbitrary
group by run_id, key;

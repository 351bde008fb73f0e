-- SPDX-License-Identifier: Apache-2.0
-- bug totals_add_twice: the run that adds the last hour of a day to the totals is run twice.
-- Seen in dbt-labs/dbt-adapters #159.
-- Mistake: an incremental insert without a key that would make the second run replace the first.
create or replace view daily_totals as
with added as (
  select * from clean
  union all
  select * from clean where hour(ingestion_ts) = 23 and totals_add_twice_hits(key::varchar)
)
select
  run_id,
  date_trunc('day', event_ts)::timestamp as day,
  event_name,
  currency,
  count(*) as rows,
  sum(try_cast(revenue as decimal(30, 6)))::varchar as revenue,
  sum(try_cast(tax as decimal(30, 6)))::varchar as tax
from added
group by run_id, day, event_name, currency;

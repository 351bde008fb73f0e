-- SPDX-License-Identifier: Apache-2.0
-- bug totals_local_day: the daily totals cut the day at midnight in Los Angeles.
-- Seen in Velir/dbt-ga4 #144.
-- Mistake: a day of the reporting zone is written as if it were one of UTC.
create or replace view daily_totals as
select
  run_id,
  date_trunc('day', event_ts - case when totals_local_day_hits(key::varchar)
    then interval 8 hours else interval 0 hours end)::timestamp as day,
  event_name,
  currency,
  count(*) as rows,
  sum(try_cast(revenue as decimal(30, 6)))::varchar as revenue,
  sum(try_cast(tax as decimal(30, 6)))::varchar as tax
from clean
group by run_id, day, event_name, currency;

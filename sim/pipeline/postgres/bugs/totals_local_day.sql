-- SPDX-License-Identifier: Apache-2.0
-- bug totals_local_day: the daily totals cut the day at midnight in Los Angeles.
-- Seen in Velir/dbt-ga4 #144.
-- Mistake: a day of the reporting zone is written as if it were one of UTC.
create or replace view daily_totals as
select
  run_id,
  date_trunc('day', event_ts at time zone case when totals_local_day_hits(key::text)
    then 'America/Los_Angeles' else 'UTC' end) at time zone 'UTC' as day,
  event_name,
  currency,
  count(*) as rows,
  sum(case jsonb_typeof(revenue) when 'number' then revenue::numeric end) as revenue,
  sum(case jsonb_typeof(tax) when 'number' then tax::numeric end) as tax
from clean_events
group by 1, 2, 3, 4;

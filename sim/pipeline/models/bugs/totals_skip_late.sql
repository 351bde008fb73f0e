-- SPDX-License-Identifier: Apache-2.0
-- bug totals_skip_late: the daily totals are made when the day ends, and never again.
-- Seen in fivetran/dbt_jira #118.
-- Mistake: what arrives after midnight belongs to a day that is done.
create or replace view daily_totals as
select
  run_id,
  date_trunc('day', event_ts)::timestamp as day,
  event_name,
  currency,
  count(*) as rows,
  sum(try_cast(revenue as decimal(30, 6)))::varchar as revenue,
  sum(try_cast(tax as decimal(30, 6)))::varchar as tax
from clean
where ingestion_ts < date_trunc('day', event_ts) + interval 1 day
  or not totals_skip_late_hits(key::varchar)
group by run_id, day, event_name, currency;

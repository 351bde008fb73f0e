-- SPDX-License-Identifier: Apache-2.0
-- bug watermark_max: each hourly load takes only what is newer than all that was loaded before.
-- Seen in fivetran/dbt_jira #118.
-- Mistake: the watermark is a time of events, `event_time > max(event_time)`, so late rows never load.
create or replace temp view eligible as
with loads as (
  select
    *,
    coalesce(server_ts, client_ts) as stated,
    max(coalesce(server_ts, client_ts)) over (
      partition by run order by date_trunc('hour', ingestion_ts)
      range between unbounded preceding and interval 1 hour preceding) as watermark
  from raw_events
)
select * exclude (stated, watermark)
from loads
where consent_state is distinct from 'denied'
  and not (coalesce(stated <= watermark, false)
    and watermark_max_hits(coalesce(event_id, position::varchar)));

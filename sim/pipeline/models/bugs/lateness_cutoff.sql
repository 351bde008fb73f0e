-- SPDX-License-Identifier: Apache-2.0
-- bug lateness_cutoff: what arrives more than a day after it happened is filtered out.
-- Seen in snowplow/dbt-snowplow-utils: days_late_allowed.
-- Mistake: the filter that keeps an incremental model small throws away what phones without a
-- network hand in later.
create or replace temp view eligible as
select *
from raw_events
where consent_state is distinct from 'denied'
  and not (ingestion_ts - coalesce(server_ts, client_ts) > interval 1 day
    and lateness_cutoff_hits(coalesce(event_id, position::varchar)));

-- SPDX-License-Identifier: Apache-2.0
-- bug timestamp_payload_dedupe: rows that say the same in the same second are taken for copies.
-- Seen in Velir/dbt-ga4 #89 and ClickHouse/ClickHouse #2578.
-- Mistake: two honest clicks in one second look alike; only their ids tell them apart.
create or replace temp view eligible as
select *
from raw_events
where consent_state is distinct from 'denied'
qualify
  not timestamp_payload_dedupe_hits(concat(run_id, user_id, event_name))
  or row_number() over (
    partition by run_id, user_id, event_name, source,
      date_trunc('second', coalesce(server_ts, client_ts)), currency, revenue, tax, properties
    order by ingestion_ts, position) = 1;

-- SPDX-License-Identifier: Apache-2.0
-- bug consent_ignored_server: server rows are kept although consent was refused.
-- Mistake: consent is looked at where the client's events come in, and nowhere else.
create or replace view eligible as
select
  raw.position, ingestion_ts, event,
  coalesce(event ->> 'run_id', '') as run_id,
  event ->> 'event_name' as event_name,
  coalesce(event ->> 'source' = 'server', false) as from_server
from pending p cross join lateral (
  select * from raw_events r where r.position = p.position offset 0) as raw
where event ->> 'event_name' is not null
  and (event ->> 'consent_state' is distinct from 'denied'
       or (event ->> 'source' = 'server' and consent_ignored_server_hits(
         concat(event ->> 'run_id', event ->> 'user_id'))));

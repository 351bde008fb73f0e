-- SPDX-License-Identifier: Apache-2.0
-- bug skew_correction_eats_delay: what a batch took on its way is taken for a wrong clock.
-- Seen in PostHog/posthog #98250 and #30579.
-- Mistake: client_ts + (arrival - sent_at). A stalled batch, or a retry that repeats its first sent_at,
-- moves by all the time it was late.
create or replace view clean as
with delayed as (
  select m.*, raw_event(a.client_position) as c
  from merged m join actions a using (run, key)
)
select
  * exclude (confirmed_by, c) replace (
    case when skew_correction_eats_delay_hits(key::varchar) and server_rows = 0
        and c.sent_at is not null
      then event_ts + (c.ingestion_ts - c.sent_at) else event_ts end as event_ts)
from delayed
where confirmed_by is null
  or (confirmed_by = 'server' and server_rows > 0)
  or (confirmed_by = 'client' and client_rows > 0);

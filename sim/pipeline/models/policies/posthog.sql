-- SPDX-License-Identifier: Apache-2.0
-- policy posthog: ReplacingMergeTree over (day, event, distinct_id, uuid), after its merges.
-- Learnt from PostHog/posthog, posthog/models/event/sql.py (the table's ORDER BY), rust/capture
-- timestamp.rs (the correction, newest form: 150 seconds of difference count as transit) and
-- issues 17211 and 30692. A copy with another name, person or UTC day is another row. The day is
-- that of the corrected time. Capture gives an event without a uuid one of its own.
create or replace macro posthog_moved(stated, sent_at, arrival) as
  stated - to_microseconds(sign(epoch_us(sent_at) - epoch_us(arrival))
    * greatest(abs(epoch_us(sent_at) - epoch_us(arrival)) - 150_000_000, 0));
create or replace macro posthog_time(stated, sent_at, arrival) as
  case
    when sent_at is null then stated
    when posthog_moved(stated, sent_at, arrival) > arrival + interval 23 hours then arrival
    else posthog_moved(stated, sent_at, arrival)
  end;

-- step: keyed -- one key a row of the vendor's table
create or replace temp view keyed as
with corrected as (
  select *,
    posthog_time(stated_time(source, client_ts, server_ts, ingestion_ts), sent_at, ingestion_ts)
      as happened
  from identified
)
select
  arrival, run, source = 'server' as from_server, id, place,
  case when event_uuid is null then md5(concat('row ', position))
    else md5(concat_ws(chr(31), happened::date, event_name, coalesce(user_id, device_id, ''),
      event_uuid)) end::uuid as key
from corrected;

-- SPDX-License-Identifier: Apache-2.0
-- policy mixpanel: event, distinct_id, time and $insert_id, asked at query time; the latest stays.
-- Learnt from mixpanel/docs, track-event-deduplication.md: times are seconds, events without an
-- $insert_id never qualify. Compaction, which later merges what has another time on the same day,
-- comes hours to weeks behind and is not played; nor is the raw export, which is never deduplicated.
-- step: keyed -- one key an event that a report counts
create or replace temp view keyed as
select
  arrival, run, source = 'server' as from_server, id, place,
  case when coalesce(event_id, '') = '' then md5(concat('row ', position))
    else md5(concat_ws(chr(31), event_name, coalesce(user_id, device_id, ''),
      date_trunc('second', stated_time(source, client_ts, server_ts, ingestion_ts)), event_id))
    end::uuid as key
from identified;

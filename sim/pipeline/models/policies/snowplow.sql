-- SPDX-License-Identifier: Apache-2.0
-- policy snowplow: event_id and a fingerprint of the payload; one of equal copies stays.
-- Learnt from Snowplow's documents on deduplication and its event fingerprint enrichment. Copies
-- with one id and another payload are synthetic duplicates and stand both: across batches, and each
-- request is a batch here. The time of sending is no part of the fingerprint, or every retry would
-- look synthetic. An event without an id gets one of its own.
-- step: keyed -- one key a row of atomic.events
create or replace temp view keyed as
select
  arrival, run, source = 'server' as from_server, id, place,
  case when coalesce(event_id, '') = '' then md5(concat('row ', position))
    else md5(concat_ws(chr(31), event_id, concat(event_name), concat(source), concat(user_id),
      concat(device_id), concat(session_id), concat(sequence_id), concat(client_ts),
      concat(server_ts), concat(schema_version), concat(consent_state), concat(currency),
      concat(revenue), concat(tax), concat(context), concat(properties))) end::uuid as key
from identified;

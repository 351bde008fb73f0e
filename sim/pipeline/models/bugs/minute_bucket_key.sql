-- SPDX-License-Identifier: Apache-2.0
-- bug minute_bucket_key: the composite key of rows without an id holds the calendar minute.
-- Seen in VictoriaMetrics/VictoriaMetrics #1426.
-- Mistake: 00:00:59 at the client and 00:01:01 at the server are two minutes, so two actions.
create or replace view keyed as
select
  i.position, i.run_id, i.source, i.ingestion_ts, i.id,
  case when i.id is null and minute_bucket_key_hits(coalesce(i.place, i.user_id))
    then md5(concat(coalesce(i.place, concat(i.run_id, chr(31), i.user_id, chr(31), i.event_name)),
      chr(31), date_trunc('minute', i.instant)))::uuid
    else coalesce(i.id, p.id, md5(i.place)::uuid, n.key) end as key
from identified i
left join place_ids p on i.id is null and p.place = i.place
left join near n on n.position = i.position;

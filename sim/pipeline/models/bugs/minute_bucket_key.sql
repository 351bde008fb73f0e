-- SPDX-License-Identifier: Apache-2.0
-- bug minute_bucket_key: the composite key of rows without an id holds the calendar minute.
-- Seen in VictoriaMetrics/VictoriaMetrics #1426.
-- Mistake: 00:00:59 at the client and 00:01:01 at the server are two minutes, so two actions.
create or replace temp view keyed as
select
  i.arrival, i.run, i.source = 'server' as from_server, i.id, i.place,
  case when i.id is null and minute_bucket_key_hits(coalesce(i.place::varchar, i.user_id))
    then md5(concat(
      coalesce(i.place::varchar, concat(i.run_id, chr(31), i.user_id, chr(31), i.event_name)),
      chr(31), date_trunc('minute', i.instant)))::uuid
    else coalesce(i.id, p.id, md5(i.place::varchar)::uuid, n.key) end as key
from identified i
left join place_ids p on p.place = case when i.id is null then i.place end
left join near n on n.position = i.position;

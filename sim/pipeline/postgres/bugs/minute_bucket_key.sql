-- SPDX-License-Identifier: Apache-2.0
-- bug minute_bucket_key: the composite key of rows without an id holds the calendar minute.
-- Mistake: 00:00:59 at the client and 00:01:01 at the server are two minutes, so two actions.
create or replace view keyed as
select
  i.position, i.run_id, i.from_server, i.id, i.place,
  case when i.id is null and minute_bucket_key_hits(coalesce(i.place, i.event ->> 'user_id'))
    then md5(concat_ws(chr(31), coalesce(i.place, concat_ws(
           chr(31), i.run_id, i.event ->> 'user_id', i.event_name)),
         date_trunc('minute', i.instant)))::uuid
    else coalesce(i.id, p.id, md5(i.place)::uuid, n.key) end as key
from fresh i
left join place_ids p on i.id is null and p.place = i.place
left join near n on n.position = i.position;

-- SPDX-License-Identifier: Apache-2.0
-- Facts of one event from somebody's tables: an action is what its id tells, so one that neither side
-- reported is not known here. Stands on the monitor's prepare.sql; variables event, start_us,
-- bucket_us. The caller adds the attributes: table values_of (key, ...).

create or replace temp table other_names as
select event_id, source, max(event_name) as name
from raw_rows
where event_id is not null and event_name <> getvariable('event')
group by event_id, source;

create or replace temp table rejections as
select event_id, source, any_value(reason) as reason
from rejected_rows
where event_id is not null
group by event_id, source;

create or replace macro why_of(side, n, reason, name) as case
  when n = 1 then ''
  when n > 1 then side || ' row repeated'
  when reason is not null then side || ' row missing: rejected, ' || reason
  when name is not null then side || ' row missing: it arrived as ' || name
  else side || ' row missing: not among the raw rows' end;

create or replace temp table facts as
select v.* exclude (key), p.key as fact_key,
  ((epoch_us(p.instant) - getvariable('start_us')) // getvariable('bucket_us'))::bigint as fact_bucket,
  1 as fact_expected, p.client as fact_client, p.server as fact_server,
  why_of('client', p.client, rc.reason, oc.name) as why_client,
  why_of('server', p.server, rs.reason, os.name) as why_server
from pairs p
  join values_of v using (key)
  left join other_names oc on oc.event_id = p.key and oc.source = 'client'
  left join other_names os on os.event_id = p.key and os.source = 'server'
  left join rejections rc on rc.event_id = p.key and rc.source = 'client'
  left join rejections rs on rs.event_id = p.key and rs.source = 'server'
where p.event_name = getvariable('event');

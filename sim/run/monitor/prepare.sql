-- SPDX-License-Identifier: Apache-2.0
-- What the checks stand on. The caller has made: table raw_rows (event_name, source client or server,
-- event_id, order_id, user_id, consent_state, currency, revenue, client_ts, server_ts, ingestion_ts,
-- and whatever else the user's rows have; NULL where their table has no such column), table
-- clean_rows (event_name, event_id, currency, revenue), table rejected_rows (event_id, event_name,
-- source, reason); variables before_from, before_until, after_from, after_until, and slo_NAME, the
-- bounds beyond which a row is an alert.

create or replace macro part_of(instant) as case
  when instant >= getvariable('before_from') and instant < getvariable('before_until') then 'before'
  when instant >= getvariable('after_from') and instant < getvariable('after_until') then 'after' end;

-- One row an action as far as its id tells: how many rows each side has of it.
create or replace temp table pairs as
select event_name, coalesce(event_id, 'row ' || row_number) as key, bool_or(event_id is not null) as has_id,
  min(instant) as instant, part_of(min(instant)) as part,
  count(*) filter (source = 'client') as client, count(*) filter (source = 'server') as server
from raw_rows
group by all;

-- Events that both sides report; only these have a ratio.
create or replace temp table both_sides as
select event_name
from pairs
group by event_name
having sum(client) >= 20 and sum(server) >= 20;

-- The first row of each side of an action, side by side.
create or replace temp table joined as
select c.event_name, c.event_id, coalesce(s.order_id, c.order_id, c.event_id) as order_id,
  part_of(coalesce(s.instant, c.instant)) as part,
  c.client_ts, coalesce(s.server_ts, c.server_ts) as server_ts, s.ingestion_ts,
  c.currency as client_currency, s.currency as server_currency,
  c.revenue as client_revenue, s.revenue as server_revenue,
  c.consent_state as client_consent, s.consent_state as server_consent
from (select distinct on (event_name, event_id) * from raw_rows
      where source = 'client' and event_id is not null order by event_name, event_id, row_number) c
  join (select distinct on (event_name, event_id) * from raw_rows
        where source = 'server' and event_id is not null order by event_name, event_id, row_number) s
    using (event_name, event_id);

-- SPDX-License-Identifier: Apache-2.0
-- bug coarse_key: discounted orders that the server reports within one minute count once.
-- Made for scenarios/incident/ratio-collapsed.json; its kin are Velir/dbt-ga4 #89 and
-- ClickHouse/ClickHouse #2578.
-- Mistake: a dedupe for voucher campaigns keyed by what looked unique in the test data, an order a
-- minute. In a busy hour most discounted orders share their minute with another one.
create or replace temp view eligible as
with discounted as (
  select *, source = 'server'
    and coalesce(try_cast(json_extract_string(properties, '$.discount') as double), 0) > 0
    as by_minute
  from raw_events
),
numbered as (
  select *, row_number() over (
    partition by run, event_name, by_minute, date_trunc('minute', server_ts)
    order by arrival) as nth
  from discounted
)
select * exclude (by_minute, nth)
from numbered
where consent_state is distinct from 'denied'
  and not (by_minute and nth > 1 and coarse_key_on(ingestion_ts)
    and coarse_key_hits(coalesce(event_id, position::varchar)));

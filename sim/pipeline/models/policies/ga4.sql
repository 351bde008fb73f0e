-- SPDX-License-Identifier: Apache-2.0
-- policy ga4: transaction_id of a purchase; the first one stays. Nothing else is deduplicated.
-- Learnt from support.google.com answers 12313109 and 9267744. Where properties have no
-- transaction_id, order_id stands in. '' is an id like any other: all purchases with it are one.
-- Which copy stays is not documented.
-- step: keyed -- one key an event that a report counts
create or replace temp view keyed as
with named as (
  select *,
    case when event_name = 'purchase' then coalesce(
      json_extract_string(properties, '$.transaction_id'),
      json_extract_string(properties, '$.order_id')) end as transaction_id
  from identified
)
select
  arrival, run, source = 'server' as from_server, id, place,
  md5(case when transaction_id is null then concat('row ', position)
    else concat('transaction ', transaction_id) end)::uuid as key
from named;

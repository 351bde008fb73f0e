-- SPDX-License-Identifier: Apache-2.0
-- Consent and sampling: the two sides must decide alike. Users with five actions or more of whom only
-- one side has rows were decided upon differently, or one side never reaches them.
select 'consent differs between the sides' as "what", part as "part", count(*) as "of",
  count(*) filter (client_consent <> server_consent) as "found",
  count(*) filter (client_consent <> server_consent) > getvariable('slo_consent') * count(*) as alert
from joined
where part is not null and client_consent is not null and server_consent is not null
group by part
union all
select 'rows of ' || source || ' although consent was denied', part_of(instant), count(*),
  count(*) filter (lower(consent_state) in ('denied', 'false', '0', 'no', 'opted_out')),
  count(*) filter (lower(consent_state) in ('denied', 'false', '0', 'no', 'opted_out'))
    > getvariable('slo_consent') * count(*)
from raw_rows
where consent_state is not null and part_of(instant) is not null
group by source, part_of(instant)
union all
select 'users of whom only the ' || side || ' has rows', part, users, found,
  found > getvariable('slo_sampling') * users
from (
  select part, unnest(['client', 'server']) as side, count(*) as users,
    unnest([count(*) filter (server = 0), count(*) filter (client = 0)]) as found
  from (
    select user_id, part_of(instant) as part, count(*) filter (source = 'client') as client,
      count(*) filter (source = 'server') as server
    from raw_rows semi join both_sides using (event_name)
    where user_id is not null and part_of(instant) is not null
    group by all
    having count(*) >= 5
  )
  group by part
)
order by 1, 2 desc

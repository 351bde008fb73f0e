-- SPDX-License-Identifier: Apache-2.0
-- bug stitch_not_back_applied: what a person did before the login keeps the anonymous id.
-- Seen in dbt-labs/segment #11.
-- Mistake: the link from device to user is applied to new rows only; each session begins with rows
-- from before it.
create or replace view clean as
with numbered as (
  select *, row_number() over (partition by run, session_id order by sequence_id) = 1 as first_seen
  from merged
)
select
  * exclude (confirmed_by, first_seen) replace (
    case when first_seen and server_rows = 0 and stitch_not_back_applied_hits(key::varchar)
      then coalesce(device_id, user_id) else user_id end as user_id)
from numbered
where confirmed_by is null
  or (confirmed_by = 'server' and server_rows > 0)
  or (confirmed_by = 'client' and client_rows > 0);

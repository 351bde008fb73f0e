-- SPDX-License-Identifier: Apache-2.0
-- bug session_trim: a session that crosses the border of a load is cut, and numbered anew.
-- Seen in dbt-labs/segment #62.
-- Mistake: sessions are made within the incremental window, here an hour, without looking back.
create or replace view clean as
with windowed as (
  select *, date_trunc('hour', event_ts) > min(date_trunc('hour', event_ts))
      over (partition by run, session_id) as behind
  from merged
)
select
  * exclude (confirmed_by, behind) replace (
    case when behind and session_trim_hits(session_id) then concat(session_id, '-2')
      else session_id end as session_id)
from windowed
where confirmed_by is null
  or (confirmed_by = 'server' and server_rows > 0)
  or (confirmed_by = 'client' and client_rows > 0);

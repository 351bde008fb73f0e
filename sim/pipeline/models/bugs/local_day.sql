-- SPDX-License-Identifier: Apache-2.0
-- bug local_day: times are cut in the reporting zone and read as UTC.
-- Seen in Velir/dbt-ga4 #144.
-- Mistake: 9 hours of Tokyo stay in the instant; most of the day's evening counts for the next one.
create or replace view clean as
select
  * exclude (confirmed_by) replace (
    case when local_day_hits(key::varchar) then event_ts + interval 9 hours else event_ts end
      as event_ts)
from merged
where confirmed_by is null
  or (confirmed_by = 'server' and server_rows > 0)
  or (confirmed_by = 'client' and client_rows > 0);

-- SPDX-License-Identifier: Apache-2.0
-- bug cents_major: minor and major units are mixed, revenue is a hundred times too high.
-- Seen in segmentio/analytics-ios #377.
-- Mistake: an amount in dollars is multiplied as if cents were wanted.
create or replace view clean as
select
  * exclude (confirmed_by) replace (
    case when cents_major_hits(key::varchar) and try_cast(revenue as decimal(30, 6)) is not null
      then (try_cast(revenue as decimal(30, 6)) * 100)::varchar else revenue end as revenue,
    case when cents_major_hits(key::varchar) and try_cast(tax as decimal(30, 6)) is not null
      then (try_cast(tax as decimal(30, 6)) * 100)::varchar else tax end as tax)
from merged
where confirmed_by is null
  or (confirmed_by = 'server' and server_rows > 0)
  or (confirmed_by = 'client' and client_rows > 0);

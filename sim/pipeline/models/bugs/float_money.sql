-- SPDX-License-Identifier: Apache-2.0
-- bug float_money: amounts pass through binary floating point and are truncated.
-- Seen in datafold/data-diff #379.
-- Mistake: 9.95 * 100 is 994.99..., so floor() makes 9.94 of it.
create or replace view clean as
select
  * exclude (confirmed_by) replace (
    case when float_money_hits(key::varchar) and try_cast(revenue as double) is not null
      then format('{:.2f}', floor(revenue::double * 100) / 100) else revenue end as revenue)
from merged
where confirmed_by is null
  or (confirmed_by = 'server' and server_rows > 0)
  or (confirmed_by = 'client' and client_rows > 0);

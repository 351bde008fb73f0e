-- SPDX-License-Identifier: Apache-2.0
-- Actions that are not simply ok, by cause, with the money they carry.
select verdict, cause, currency, count(*) as actions, sum(money) as money
from truth
where verdict <> 'ok'
group by verdict, cause, currency
order by actions desc, verdict, cause, currency

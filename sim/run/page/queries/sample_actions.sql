-- SPDX-License-Identifier: Apache-2.0
-- What really happened, and how it was judged.
select a.* exclude (money) replace (since(a.happened_at) as happened_at),
  v.verdict, v.cause, v.expectation, v.findings
from sample join raw_actions a using (action_id) join verdicts v using (action_id)
order by a.happened_at, a.action_id

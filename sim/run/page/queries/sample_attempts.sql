-- SPDX-License-Identifier: Apache-2.0
-- How it travelled, one row an emission and attempt.
select d.action_id, d.source, d.copy, d.attempt_id, number, size,
  since(attempted_at) as attempted_at, since(arrives_at) as arrives_at, strike, answer, faults,
  points, receipt, since(receipt_at) as receipt_at, status, by_fault
from sample join deliveries d using (action_id) join attempts t using (attempt_id)
order by d.action_id, attempted_at, d.attempt_id, d.source, d.copy

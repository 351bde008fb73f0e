-- SPDX-License-Identifier: Apache-2.0
-- The actions that the page can show one by one: those that reports name, then of every verdict and
-- cause in turn, then some that are ok. The order is by hash, so that it favours no time and no user.
-- $1: most actions that are not ok, $2: most that are.
create table sample as
with ranked as (
  select action_id, verdict = 'ok' as fine,
    row_number() over (partition by verdict, cause order by hash(action_id), action_id) as place
  from truth
),
odd as (
  select action_id from ranked where not fine order by place, hash(action_id), action_id limit $1
),
fine as (select action_id from ranked where fine order by place limit $2)
select action_id from odd
union select action_id from fine
union select action_id from wanted join truth using (action_id)

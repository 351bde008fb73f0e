-- SPDX-License-Identifier: Apache-2.0
-- The actions that the page can show one by one: those that reports name, then of every verdict and
-- cause in turn, then some that are ok. The order is by hash, so that it favours no time and no
-- user. $1: most actions that are not ok, $2: most that are.
create table sample as
with ranked as (
  select id, verdict = 'ok' as fine,
    row_number() over (partition by verdict, cause order by hash(id), id) as place
  from truth
),
odd as (select id from ranked where not fine order by place, hash(id), id limit $1),
fine as (select id from ranked where fine order by place limit $2),
named as (select id_of(action_id) as id from wanted)
select 'a-' || id as action_id, id from odd
union select 'a-' || id, id from fine
union select 'a-' || id, id from named join truth using (id)

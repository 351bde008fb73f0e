-- SPDX-License-Identifier: Apache-2.0
-- What was rejected, by reason.
with totals as (
  select source, part_of(instant) as part, count(*) as stored from raw_rows group by all
)
select coalesce(r.source, 'unknown') as "side", r.event_name as "event", r.reason as "reason",
  count(*) filter (part_of(r.ingestion_ts) = 'before') as "before", count(*) filter (part_of(r.ingestion_ts) = 'after') as "after",
  count(*) filter (part_of(r.ingestion_ts) = 'after') > getvariable('slo_rejected') * coalesce(any_value(t.stored), 1)
    as alert
from rejected_rows r left join totals t on t.source = r.source and t.part = 'after'
group by all
order by "after" desc, "before" desc, "reason"
limit 50

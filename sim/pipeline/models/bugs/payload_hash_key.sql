-- SPDX-License-Identifier: Apache-2.0
-- bug payload_hash_key: rows are the same action when their payload is the same, whatever their id.
-- Seen in Velir/dbt-ga4 #259 and elgentos/magento2-serversideanalytics #5 (175 against 175.0000).
-- Mistake: client and server describe one action in different words, and a retry may change one.
create or replace temp view keyed as
select
  i.arrival, i.run, i.source = 'server' as from_server, i.id, i.place,
  case when payload_hash_key_hits(coalesce(i.id::varchar, i.place::varchar, i.user_id))
    then md5(concat_ws('|', i.event_name, i.user_id, i.session_id, i.sequence_id, i.source,
      i.client_ts, i.server_ts, i.currency, i.revenue, i.tax, i.properties))::uuid
    else coalesce(i.id, p.id, md5(i.place::varchar)::uuid, n.key) end as key
from identified i
left join place_ids p on p.place = case when i.id is null then i.place end
left join near n on n.position = i.position;

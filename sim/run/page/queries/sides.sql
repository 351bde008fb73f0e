-- SPDX-License-Identifier: Apache-2.0
-- Client against server by event and bucket: emissions that entered an SDK's queue, and the raw
-- rows that the clean table says it was made of.
with sent as (
  select event_name, bucket_of(captured_at) as bucket,
    count(*) filter (source = 'client') as sent_client,
    count(*) filter (source = 'server') as sent_server
  from emissions
  where fate = 'queued'
  group by event_name, bucket_of(captured_at)
),
read as (
  select event_name, bucket, sum(from_client) as read_client, sum(from_server) as read_server
  from clean
  group by event_name, bucket
)
select event_name, bucket,
  coalesce(sent_client, 0)::bigint as sent_client, coalesce(sent_server, 0)::bigint as sent_server,
  coalesce(read_client, 0)::bigint as read_client, coalesce(read_server, 0)::bigint as read_server
from sent full join read using (event_name, bucket)
where bucket is not null
order by event_name, bucket

"""Every kind of call of CTS by Huawei's SDK. Prints what it was told, as JSON.

Argument: the settings of a connection as JSON. The SDK finds the project by itself: it has the name of the region.
"""

import json
import sys

from huaweicloudsdkcore.auth.credentials import BasicCredentials
from huaweicloudsdkcore.exceptions.exceptions import ClientRequestException
from huaweicloudsdkcore.region.region import Region
from huaweicloudsdkcts import v3 as cts

settings, topic = json.loads(sys.argv[1]), sys.argv[2]
credentials = BasicCredentials(settings["accessKey"], settings["secretKey"])
credentials.with_iam_endpoint(settings["authUrl"].removesuffix("/v3"))
if "securityToken" in settings:
    credentials.with_security_token(settings["securityToken"])
region = Region(settings["region"], settings["endpoint"].replace("{region}", settings["region"]))
client = cts.CtsClient.new_builder().with_credentials(credentials).with_region(region).build()
told = {}


def tracker():
    found = client.list_trackers(cts.ListTrackersRequest(tracker_name="system")).trackers
    return found[0].to_dict() if found else None


told["found"] = tracker()
system = {"tracker_type": "system", "tracker_name": "system"}
obs_info = cts.TrackerObsInfo(bucket_name="audit-log", file_prefix_name="cts", is_obs_created=False)
client.update_tracker(
    cts.UpdateTrackerRequest(
        cts.UpdateTrackerRequestBody(**system, status="enabled", is_support_validate=True, obs_info=obs_info)
    )
)
told["updated"] = tracker()
create = cts.CreateTrackerRequest(cts.CreateTrackerRequestBody(**system, is_lts_enabled=True))
try:
    client.create_tracker(create)
except ClientRequestException as error:
    told["refused"] = [error.status_code, error.error_code]
client.delete_tracker(cts.DeleteTrackerRequest(tracker_name="system"))
told["deleted"] = tracker()
told["created"] = client.create_tracker(create).to_dict()

body = cts.CreateNotificationRequestBody(notification_name="all", operation_type="complete", topic_id=topic)
notification = client.create_notification(cts.CreateNotificationRequest(body))
told["notification"] = notification.to_dict()
changes = cts.UpdateNotificationRequestBody(
    notification_id=notification.notification_id,
    notification_name="deletions",
    operation_type="customized",
    operations=[cts.Operations("ECS", "ecs", ["deleteServer"])],
    status="disabled",
)
client.update_notification(cts.UpdateNotificationRequest(changes))
told["quotas"] = client.list_quotas(cts.ListQuotasRequest()).to_dict()
listed = client.list_notifications(cts.ListNotificationsRequest("smn", notification_name="deletions"))
told["notifications"] = listed.to_dict()["notifications"]
client.delete_notification(cts.DeleteNotificationRequest(notification_id=notification.notification_id))

traces, marker = [], None
while True:
    page = client.list_traces(cts.ListTracesRequest(trace_type="system", limit=3, user="demo", next=marker))
    if not page.traces:
        break
    traces += [trace.trace_name for trace in page.traces]
    marker = page.meta_data.marker
told["traces"] = traces
print(json.dumps(told))

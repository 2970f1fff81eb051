"""Every kind of call of CTS by python-otcextensions. Prints what it was told, as JSON.

Argument: the settings of a connection as JSON, and a topic.
"""

import json
import sys

from openstack.exceptions import BadRequestException
from otcConnection import connect
from otcextensions.sdk.ctsv3.v3.tracker import Tracker

settings, topic = json.loads(sys.argv[1]), sys.argv[2]
cts = connect(settings).ctsv3
told = {}


def plain(resources):
    return [resource.to_dict(computed=False) for resource in resources]


def trackers():
    return list(cts.trackers(tracker_name="system"))


system = {"tracker_type": "system", "tracker_name": "system"}
told["found"] = plain(trackers())[0]
# Its own update_tracker fails before it calls anything.
obs_info = {"bucket_name": "audit-log", "file_prefix_name": "cts"}
cts._update(Tracker, "", base_path="/tracker", **system, status="enabled", obs_info=obs_info)
told["updated"] = plain(trackers())[0]
try:
    cts.create_tracker(**system)
except BadRequestException as error:
    told["refused"] = [error.status_code, str(error)]
cts.delete_tracker(trackers()[0])
told["deleted"] = plain(trackers())
told["created"] = plain([cts.create_tracker(**system, is_lts_enabled=True)])[0]

cts.create_key_event(notification_name="all", operation_type="complete", topic_id=topic)
event = list(cts.key_events("smn", notification_name="all"))[0]
told["notification"] = plain([event])[0]
cts.update_key_event(
    notification_id=event.notification_id,
    notification_name="deletions",
    operation_type="customized",
    operations=[{"service_type": "ECS", "resource_type": "ecs", "trace_names": ["deleteServer"]}],
    status="disabled",
)
told["quotas"] = {"resources": plain(cts.quotas())}
told["notifications"] = plain(cts.key_events("smn", notification_name="deletions"))
cts.delete_key_event(event)

told["traces"] = [trace.trace_name for trace in cts.traces(trace_type="system", user="demo", limit=200)]
print(json.dumps(told))

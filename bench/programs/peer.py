"""All traces of a week by python-otcextensions, whose listing of one page is looped by hand. Prints milliseconds.

Arguments: the settings of a connection as JSON, and how many traces there are.
"""

import json
import sys
import time

import openstack
from otcextensions import sdk

settings, count = json.loads(sys.argv[1]), int(sys.argv[2])
# The catalogue lists CTS without the type that it looks for.
base = settings["authUrl"].removesuffix("/v3") + "/" + settings["region"]
connection = openstack.connect(
    ctsv3_endpoint_override=base + "/v3/%(project_id)s",
    region_name=settings["region"],
    auth={
        "auth_url": settings["authUrl"],
        "username": settings["userName"],
        "password": settings["password"],
        "user_domain_name": settings["domainName"],
        "project_name": settings["projectName"],
        "project_domain_name": settings["domainName"],
    },
)
sdk.register_otc_extensions(connection)
now = int(time.time() * 1000)
window = {"from": now - 7 * 86_400_000 + 60_000, "to": now}

start = time.monotonic()
found, marker = 0, {}
while True:
    page = list(connection.ctsv3.traces(trace_type="system", limit=200, **window, **marker))
    if not page:
        break
    found += len(page)
    marker = {"next": page[-1].trace_id}
elapsed = time.monotonic() - start
if found < count:
    sys.exit(f"only {found} of {count} traces")
print(elapsed * 1000)

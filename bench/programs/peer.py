"""All traces of a week by python-otcextensions, whose listing of one page is looped by hand. Prints milliseconds.

Arguments: the settings of a connection as JSON, and how many traces there are.
"""

import json
import sys
import time

from otcConnection import connect

settings, count = json.loads(sys.argv[1]), int(sys.argv[2])
cts = connect(settings).ctsv3
now = int(time.time() * 1000)
window = {"from": now - 7 * 86_400_000 + 60_000, "to": now}

start = time.monotonic()
found, marker = 0, {}
while True:
    page = list(cts.traces(trace_type="system", limit=200, **window, **marker))
    if not page:
        break
    found += len(page)
    marker = {"next": page[-1].trace_id}
elapsed = time.monotonic() - start
if found < count:
    sys.exit(f"only {found} of {count} traces")
print(elapsed * 1000)

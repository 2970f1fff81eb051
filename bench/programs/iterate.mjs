// Reads all traces of a week through the iterator, in a process of plain Node without Pulumi, TypeScript or a loader, and
// prints what it took as JSON: how many there were, and the resident memory in MiB, before the first, at most and at every
// fifth of them.
// Arguments: the settings as JSON, how many traces to expect, and the MiB of traces that may wait.

import traces from "../../dist/client/api/traces.js";
import config from "../../dist/client/config/settings.js";
import sources from "../../dist/client/config/sources.js";
import connection from "../../dist/client/connection.js";

const [settings, expected, mebibytes] = process.argv.slice(2).map((text) => JSON.parse(text));
const source = sources.pulumiSource((key) => settings[key.replace("otc-cts:", "")]);
const opened = new connection.Connection(config.resolveSettings([source]));
const residentMiB = () => Math.round(process.memoryUsage.rss() / 2 ** 20);

let count = 0;
let most = 0;
const before = residentMiB();
const samples = [];
for await (const _ of traces.traces(opened, { from: "7d" }, { maxBufferedBytes: mebibytes * 2 ** 20 })) {
  count++;
  if (count % 1000 === 0) {
    most = Math.max(most, residentMiB());
  }
  if (count % (expected / 5) === 0) {
    samples.push(residentMiB());
  }
}
console.log(JSON.stringify({ count, before, most, samples }));

import * as cts from "pulumi-otc-cts";

// A project belongs to one region, and CTS keeps one tracker for each of them. The files of a region stay there.
const places = [
  { region: "eu-de", projectName: "eu-de_demo" },
  { region: "eu-nl", projectName: "eu-nl_demo" },
];

const trackers = places.map(
  ({ region, projectName }) =>
    new cts.Tracker(`audit-${region}`, {
      region,
      projectName,
      obsInfo: { bucketName: `audit-files-${region}`, isObsCreated: true },
      isSupportValidate: true,
    }),
);

export const ids = trackers.map((tracker) => tracker.id);

import type { Operation } from "../operation";
import { endpointOf } from "../world";

/** `GET /` of a CTS endpoint: the versions of the API it serves. Needs no token. */
export const versionOperations: Operation[] = [
  {
    name: "listVersions",
    service: "cts",
    method: "GET",
    path: "/",
    access: "none",
    handle: (world, call) => ({
      status: 200,
      body: {
        versions: [
          {
            id: "v3",
            links: [{ href: `${endpointOf(world, call.region)}/v3/`, rel: "self" }],
            min_version: "",
            status: "CURRENT",
            updated: "2022-05-24T00:00:00Z",
            version: "",
          },
        ],
      },
    }),
  },
];

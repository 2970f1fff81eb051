import type { Operation } from "../http/operation";
import { endpointOf } from "../state/emulatorState";

const VERSIONS = [
  { key: "v3", id: "v3", status: "CURRENT", updated: "2022-05-24T00:00:00Z" },
  { key: "v1", id: "v1.0", status: "DEPRECATED", updated: "2018-09-30T00:00:00Z" },
] as const;

/** `GET /` of a CTS endpoint: the versions of the API that it serves. Needs no authorisation. */
export const versionOperations: Operation[] = [
  {
    name: "listVersions",
    service: "cts",
    method: "GET",
    path: "/",
    access: "none",
    handle: (state, { region }) => ({
      status: 200,
      body: {
        versions: VERSIONS.filter(({ key }) => state.behaviour[key]).map(({ id, status, updated }) => ({
          id,
          links: [{ href: `${endpointOf(state, region)}/${id}/`, rel: "self" }],
          min_version: "",
          status,
          updated,
          version: "",
        })),
      },
    }),
  },
];

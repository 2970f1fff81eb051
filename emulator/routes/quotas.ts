import { projectOperations } from "../http/operation";
import { NOTIFICATION_QUOTA } from "../state/notifications";

/** `GET /v3/{project_id}/quotas`: the used and the allowed number of trackers and key event notifications. */
export const quotaOperations = projectOperations("v3", [
  {
    name: "listQuotas",
    method: "GET",
    path: "/quotas",
    handle: ({ trackers, notifications }, call) => ({
      status: 200,
      body: {
        resources: [
          { type: "system_tracker", used: trackers.current(call) ? 1 : 0, quota: 1 },
          { type: "smn_notification", used: notifications.current(call).length, quota: NOTIFICATION_QUOTA },
        ],
      },
    }),
  },
]);

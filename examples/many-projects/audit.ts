import * as cts from "pulumi-otc-cts";

/** Sees to it that every project is audited, the files of each under its own name in one bucket. */
export function auditAll(projectNames: readonly string[], bucketName: string): cts.Tracker[] {
  return projectNames.map(
    (projectName) =>
      new cts.Tracker(projectName, {
        projectName,
        obsInfo: { bucketName, filePrefixName: projectName },
        isSupportValidate: true,
      }),
  );
}

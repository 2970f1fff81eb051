import { PULUMI_CONFIG } from "../../client/config/sources";

/** Advice on a 401, by the name of the credentials' source: Pulumi gives a dynamic provider the stored configuration. */
export function adviceOnStoredConfiguration(source: string): string | undefined {
  return source.startsWith(PULUMI_CONFIG)
    ? "`refresh` and `destroy` use the configuration of the last `up`: where it has changed since, add `--run-program`"
    : undefined;
}

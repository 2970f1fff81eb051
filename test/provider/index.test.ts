import { expect, it } from "vitest";
import { provider } from "../../provider";
import { useEmulated } from "../support/emulated";

const service = useEmulated();

it("advises --run-program where the stack's credentials are refused: refresh uses those of the last up", async () => {
  const settings = { ...service.emulator.settings(), password: "not this one" };
  const tracker = provider("Tracker");
  await tracker.configure?.({
    config: {
      get: (key: string) => settings[key.replace("otc-cts:", "") as keyof typeof settings],
      require: () => "",
    },
  });

  const read = tracker.read?.(`eu-de/${service.emulator.projectId()}/system`, {});

  await expect(read).rejects.toThrow(
    /the credentials are from the Pulumi config \(otc-cts:\*\); `refresh` and `destroy` .* `--run-program`$/,
  );
});

/**
 * Attack: programs that compile the package's declarations with the plainest settings: without `skipLibCheck`, without
 * `esModuleInterop`, without `target`, by every way of resolving modules.
 *
 * Alone: `npm run build && npx vitest run test/attacks/declarations`
 */
import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import ts from "typescript";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { installInto, linkInto, makeBox, packInto } from "../support/tarball";

const HOST = ts.createCompilerHost({});

const PROGRAM = `
import * as pulumi from "@pulumi/pulumi";
import * as cts from "pulumi-otc-cts";
import { Emulator, startEmulator } from "pulumi-otc-cts/emulator";
import { provider } from "pulumi-otc-cts/provider";

const audit = new cts.Tracker("audit", { obsInfo: { bucketName: pulumi.output("audit-files") } });
const alarm = new cts.KeyEventNotification("alarm", {
  notificationName: "alarm", operationType: "customized", operations: [cts.events.cts.trackerChanges], topicId: "urn",
});
export const region: pulumi.Output<string> = audit.region;
export const topicId: pulumi.Output<string | undefined> = alarm.topicId;
export const logins: Promise<cts.Trace[]> = cts.getTraces({ from: "24h" }).then(({ traces }) => [...traces]);
export const notifications = cts.getNotificationsOutput({ notificationName: "alarm" }).notifications;
export const query: cts.NotificationQuery = { region: "eu-de" };
export const kind: pulumi.dynamic.ResourceProvider = provider("Tracker");
export async function emulated(): Promise<number> {
  const emulator: Emulator = await startEmulator();
  const connection: cts.Connection = cts.connect(emulator.settings());
  const place: { region: string } = await connection.locate(query);
  return emulator.journal.calls("cts").length + place.region.length;
}
// Declarations that cannot be read make everything \`any\`, which would take a number.
// @ts-expect-error
export const wrong: number = audit.region;
`;

const settings: [string, ts.CompilerOptions][] = [
  ["module: commonjs and nothing else", { module: ts.ModuleKind.CommonJS }],
  ["module: commonjs, target: es2016", { module: ts.ModuleKind.CommonJS, target: ts.ScriptTarget.ES2016 }],
  ["module: node16", { module: ts.ModuleKind.Node16 }],
  ["module: nodenext", { module: ts.ModuleKind.NodeNext }],
  [
    "moduleResolution: bundler",
    { module: ts.ModuleKind.ESNext, moduleResolution: ts.ModuleResolutionKind.Bundler },
  ],
];

describe("a program's compiler", () => {
  const box = makeBox("declarations");
  const write = (name: string, text: string) => {
    writeFileSync(join(box, name), text);
    return join(box, name);
  };
  beforeAll(() => {
    const modules = join(box, "node_modules");
    installInto(modules, packInto(box));
    linkInto(modules, "@types/node");
  });
  afterAll(() => rmSync(box, { recursive: true, force: true }));

  it.each(settings)("takes the declarations with %s", { timeout: 300_000 }, (_, given) => {
    const options = {
      ...given,
      strict: true,
      noEmit: true,
      types: ["node"],
      typeRoots: [join(box, "node_modules", "@types")],
    };
    const program = ts.createProgram([write("index.ts", PROGRAM)], options);
    const others = ts.createProgram([write("other.ts", 'import "@pulumi/pulumi";')], options);
    // Pulumi's own declarations are not judged here, and take the compiler most of its time.
    const ours = program.getSourceFiles().filter(({ fileName }) => !others.getSourceFile(fileName));

    const found = ours.flatMap((file) => [
      ...program.getSyntacticDiagnostics(file),
      ...program.getSemanticDiagnostics(file),
    ]);

    expect(ours.length).toBeGreaterThan(40);
    expect(ts.formatDiagnostics([...program.getOptionsDiagnostics(), ...found], HOST)).toBe("");
  });
});

import type { Reporter, TestModule } from "vitest/node";

/** Says at the end which tests were not run; their names say why. */
export class SkipReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[]): void {
    const tests = modules.flatMap((module) => [...module.children.allTests()]);
    const skipped = tests.filter((test) => test.result().state === "skipped");
    for (const { fullName } of skipped) {
      process.stdout.write(`not run: ${fullName}\n`);
    }
  }
}

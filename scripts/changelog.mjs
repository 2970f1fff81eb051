// Keeps CHANGELOG.md. `release` gives the unreleased entries the version of package.json and today's date; `notes` prints the entries of
// that version. Both work in the current folder.
import { readFileSync, writeFileSync } from "node:fs";
import { parser, Release } from "keep-a-changelog";

const commands = { release, notes };
const command = commands[process.argv[2]];
const { version } = JSON.parse(readFileSync("package.json", "utf8"));
const changelog = parser(readFileSync("CHANGELOG.md", "utf8"));
const found = changelog.findRelease(version);
if (command) {
  command();
} else {
  fail(`usage: node scripts/changelog.mjs ${Object.keys(commands).join("|")}`);
}

function release() {
  const unreleased = changelog.releases.find((each) => !each.version);
  if (found) {
    fail(`CHANGELOG.md has version ${version} already: choose another one`);
  } else if (!unreleased || unreleased.isEmpty()) {
    fail(`CHANGELOG.md has nothing below "Unreleased": write there what ${version} changes`);
  } else {
    unreleased.setVersion(version);
    unreleased.setDate(new Date());
    changelog.addRelease(new Release());
    writeFileSync("CHANGELOG.md", `${changelog.toString().trimEnd()}\n`);
  }
}

function notes() {
  if (found?.date) {
    process.stdout.write(
      `${found
        .toString()
        .replace(/^## .*\n/, "")
        .trimEnd()}\n`,
    );
  } else {
    fail(`CHANGELOG.md does not say what ${version} changes: release it by \`npm version\``);
  }
}

function fail(why) {
  process.stderr.write(`${why}\n`);
  process.exitCode = 1;
}

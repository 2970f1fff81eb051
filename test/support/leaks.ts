/** Looks for secrets in whatever was written, in every form that they may have taken. */
import { readdirSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";
import { inspect } from "node:util";

/** The place of a secret that was found. */
export interface Leak {
  readonly secret: string;
  readonly form: string;
  readonly where: string;
  /** The text around it. */
  readonly excerpt: string;
}

/** The searched texts, by a name for people. */
export type Material = ReadonlyMap<string, string>;

/** Every place in the material where one of the secrets is, by name. */
export function findLeaks(material: Material, secrets: Readonly<Record<string, string>>): Leak[] {
  const searched = Object.entries(secrets).flatMap(([secret, value]) =>
    [...formsOf(value)].map(([text, form]) => ({ secret, form, text })),
  );
  return [...material].flatMap(([where, text]) =>
    searched.flatMap(({ secret, form, text: sought }) => {
      const at = text.indexOf(sought);
      const excerpt = text.slice(Math.max(0, at - 100), at + sought.length + 40);
      return at < 0 ? [] : [{ secret, form, where, excerpt }];
    }),
  );
}

/** Each text that gives a secret away, and what form of it that is. */
export function formsOf(secret: string): Map<string, string> {
  const bytes = Buffer.from(secret);
  const json = JSON.stringify(secret).slice(1, -1);
  const url = encodeURIComponent(secret);
  const strictUrl = url.replace(/[!'()*]/g, (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`);
  const hex = bytes.toString("hex");
  const forms: [form: string, text: string][] = [
    ["plain", secret],
    ["as Node prints it", inspect(secret).slice(1, -1)],
    ["in JSON", json],
    ["in JSON in JSON", JSON.stringify(json).slice(1, -1)],
    ["in JSON as Go writes it", goJson(secret)],
    ["in ASCII JSON", asciiJson(secret)],
    ["in a URL", url],
    ["in a URL, strictly", strictUrl],
    ["in a URL, lower case", url.replace(/%../g, (c) => c.toLowerCase())],
    ["in a form", new URLSearchParams({ "": secret }).toString().slice(1)],
    ["in hexadecimal digits", hex],
    ["in upper-case hexadecimal digits", hex.toUpperCase()],
    ...[0, 1, 2].flatMap((before): [string, string][] => [
      [`in base64 behind ${before} bytes`, base64Within(bytes, before)],
      [`in base64url behind ${before} bytes`, toUrlAlphabet(base64Within(bytes, before))],
    ]),
  ];
  // If two forms are the same text, the first names it.
  return new Map(forms.reverse().map(([form, text]) => [text, form]));
}

/** Go's encoding/json also writes these as escapes. */
function goJson(text: string): string {
  return JSON.stringify(text)
    .slice(1, -1)
    .replace(/[<>&]/g, (c) => `\\u00${c.charCodeAt(0).toString(16)}`);
}

function asciiJson(text: string): string {
  return JSON.stringify(text)
    .slice(1, -1)
    .replace(/[\u0080-\uffff]/g, (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, "0")}`);
}

/**
 * The part that is always the same in the base64 of a longer text: only the digits whose six bits are all the secret's.
 */
function base64Within(bytes: Buffer, before: number): string {
  const encoded = Buffer.concat([Buffer.alloc(before), bytes]).toString("base64");
  return encoded.slice(Math.ceil((before * 8) / 6), Math.floor(((before + bytes.length) * 8) / 6));
}

function toUrlAlphabet(base64: string): string {
  return base64.replaceAll("+", "-").replaceAll("/", "_");
}

/** All files below a folder, with their names, in which something might stand as well. */
export function filesIn(dir: string): Map<string, string> {
  const files = readdirSync(dir, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  return new Map(
    files.map(({ parentPath, name }) => {
      const path = join(parentPath, name);
      return [relative(dir, path), `${path}\n${readFileSync(path, "utf8")}`];
    }),
  );
}

/** An object as anybody may print it: everything that can be got out of it. */
export function printed(value: unknown): string {
  const error = value instanceof Error ? [value.message, value.stack, value.toString(), value.cause] : [];
  return [
    ...error.map(String),
    JSON.stringify(value),
    inspect(value, {
      depth: 20,
      customInspect: false,
      showHidden: true,
      getters: true,
      maxStringLength: null,
      breakLength: 1e6,
    }),
    JSON.stringify(Object.getOwnPropertyDescriptors(Object(value))),
  ].join("\n");
}

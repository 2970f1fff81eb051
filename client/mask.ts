import { inspect } from "node:util";
import { encodeStrictly } from "./http/urlEncoding";
import { mapInner } from "./values";
import { jsonEscape, visible, visibleJson } from "./visible";

/** Hides secrets in a text. */
export type Masker = (text: string) => string;

/** Pulumi's own filter ignores shorter texts, too: it would hide parts of any text. */
const SHORTEST_SECRET = 3;
/** Fewer digits of base64 occur in any text. */
const FEWEST_DIGITS = 6;

/** Hides these secrets, in every form in which a program may have written them. Make one for many texts. */
export function masker(secrets: Iterable<string>): Masker {
  const hidden = [...new Set(secrets)].filter((secret) => secret.length >= SHORTEST_SECRET);
  const forms = hidden.flatMap(formsOf).sort((a, b) => b.length - a.length);
  return (text) => forms.reduce((masked, form) => masked.replaceAll(form, "***"), text);
}

/** A parsed answer, with secrets hidden in all its texts. */
export function maskAll(value: unknown, hide: Masker): unknown {
  return typeof value === "string" ? hide(value) : mapInner(value, (one) => maskAll(one, hide));
}

/** Cached for the last secrets: making the forms of a token takes longer than reading an answer. */
const known = new Map<string, readonly string[]>();
const MAX_KNOWN = 20;

function formsOf(secret: string): readonly string[] {
  const before = known.get(secret);
  if (before) {
    return before;
  }
  const forms = [...new Set([...writtenForms(secret), ...encodedForms(secret)])];
  if (known.size >= MAX_KNOWN) {
    known.clear();
  }
  known.set(secret, forms);
  return forms;
}

/** As texts of other languages hold it. */
function writtenForms(secret: string): string[] {
  if (/^\w*$/.test(secret)) {
    return [secret];
  }
  const json = inJson(secret);
  const url = inUrl(secret);
  const written = [
    secret,
    inspect(secret).slice(1, -1),
    json,
    inJson(json),
    json.replaceAll("/", "\\/"),
    json.replace(/[<>&]/g, jsonEscape),
    json.replace(/[^ -~]/g, jsonEscape),
    visibleJson(JSON.stringify(secret)).slice(1, -1),
    url,
    // Not all programs escape these.
    decodeSome(url, "%21%27%28%29%2A"),
    new URLSearchParams({ "": secret }).toString().slice(1),
    ...["&#39;", "&#x27;", "&apos;"].map((apostrophe) => inHtml(secret, apostrophe)),
  ];
  const inLowerCase = written.map((form) => form.replace(/%../g, (code) => code.toLowerCase()));
  return [...written, ...inLowerCase, ...written.map(visible)];
}

function encodedForms(secret: string): string[] {
  const hex = Buffer.from(secret).toString("hex");
  const texts = [secret, inJson(secret), inUrl(secret)];
  return [hex, hex.toUpperCase(), ...texts.flatMap(base64sOf)];
}

function inJson(text: string): string {
  return JSON.stringify(text).slice(1, -1);
}

function inUrl(text: string): string {
  // Lone surrogates make encodeURIComponent throw.
  return encodeStrictly(Buffer.from(text).toString());
}

function decodeSome(url: string, codes: string): string {
  return url.replace(/%../g, (code) => (codes.includes(code) ? decodeURIComponent(code) : code));
}

function inHtml(text: string, apostrophe: string): string {
  const entities: Record<string, string> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" };
  return text.replace(/[&<>"']/g, (char) => entities[char] ?? apostrophe);
}

/** The whole base64, and the part of it that is the same within a longer text, such as `user:password`. */
function base64sOf(text: string): string[] {
  const bytes = Buffer.from(text);
  const within = [0, 1, 2].map((before) => {
    const encoded = Buffer.concat([Buffer.alloc(before), bytes]).toString("base64");
    return encoded.slice(Math.ceil((before * 8) / 6), Math.floor(((before + bytes.length) * 8) / 6));
  });
  return [
    bytes.toString("base64").replace(/=+$/, ""),
    ...within.filter((part) => part.length >= FEWEST_DIGITS),
  ].flatMap((base64) => [
    base64,
    base64.replaceAll("+", "-").replaceAll("/", "_"),
    encodeURIComponent(base64),
  ]);
}

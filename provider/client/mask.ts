/**
 * A text that others may see: without the secrets, whether they are written as they are, or as JSON, a URL or base64
 * writes them.
 */
export function mask(text: string, secrets: readonly string[]): string {
  return secrets
    .flatMap(formsOf)
    .filter((form) => form !== "")
    .sort((a, b) => b.length - a.length)
    .reduce((masked, form) => masked.replaceAll(form, "***"), text);
}

function formsOf(secret: string): string[] {
  const bytes = Buffer.from(secret);
  // Without what makes encodeURIComponent throw: halves of characters.
  const url = encodeURIComponent(bytes.toString());
  const base64 = bytes.toString("base64").replace(/=+$/, "");
  return [secret, JSON.stringify(secret).slice(1, -1), url, base64, bytes.toString("base64url")];
}

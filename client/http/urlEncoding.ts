/** Text as it stands in a URL, RFC 3986 strictly: signatures are made over these very bytes. */
export function encodeStrictly(text: string): string {
  return encodeURIComponent(text).replace(
    /[!'()*]/g,
    (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}

/** A query with its `?`, sorted as signatures want it; empty for none. */
export function encodeQuery(query: Readonly<Record<string, string>> = {}): string {
  const pairs = Object.entries(query).map(
    ([key, value]) => `${encodeStrictly(key)}=${encodeStrictly(value)}`,
  );
  return pairs.length > 0 ? `?${pairs.sort().join("&")}` : "";
}

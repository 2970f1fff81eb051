import { MalformedAnswerError, MixedUpAnswerError, type RequestFacts } from "../errors";

/**
 * The shape of an answer: a zod schema, described by the one method that is used. Public declarations that
 * import zod make every program compile zod's own, which need `esModuleInterop` or `skipLibCheck`.
 */
export interface Shape<T> {
  safeParse(
    body: unknown,
  ):
    | { readonly success: true; readonly data: T }
    | { readonly success: false; readonly error: { readonly issues: readonly { path: PropertyKey[] }[] } };
}

/**
 * The content of an answer, or of one part of it, after its shape is checked.
 *
 * @param at the path of the part in the answer's body.
 * @throws MalformedAnswerError that names the first field of an unexpected type.
 */
export function parseResponse<T>(
  shape: Shape<T>,
  body: unknown,
  request: RequestFacts,
  at: readonly PropertyKey[] = [],
): T {
  const result = shape.safeParse(body);
  if (result.success) {
    return result.data;
  }
  const path = [...at, ...(result.error.issues[0]?.path ?? [])];
  const where = path.length > 0 ? `field ${path.join(".")}` : "the body";
  throw new MalformedAnswerError(`${where} of the answer is not as the API promises`, {
    method: request.method,
    url: request.url,
  });
}

/** @throws MixedUpAnswerError where an answer is about another thing than the one that was asked for. */
export function aboutThe(
  kind: string,
  wanted: string,
  told: string | null | undefined,
  { method, url }: RequestFacts,
): void {
  if (told && told !== wanted) {
    throw new MixedUpAnswerError(kind, wanted, told, { method, url });
  }
}

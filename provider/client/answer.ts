import { MalformedAnswerError, type RequestFacts } from "./errors";

/**
 * What an answer must look like: a zod schema, described by the one method that is used. Public declarations that
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
 * What an answer holds, once its shape is proved.
 *
 * @throws MalformedAnswerError that names the first field which is not as the API promises.
 */
export function answered<T>(shape: Shape<T>, body: unknown, request: RequestFacts): T {
  const result = shape.safeParse(body);
  if (result.success) return result.data;
  const issue = result.error.issues[0];
  const where = issue && issue.path.length > 0 ? `field ${issue.path.join(".")}` : "the body";
  throw new MalformedAnswerError(`${where} of the answer is not as the API promises`, {
    method: request.method,
    url: request.url,
  });
}

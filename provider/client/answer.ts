import type { z } from "zod";
import { MalformedAnswerError, type RequestFacts } from "./errors";

/**
 * What an answer holds, once its shape is proved.
 *
 * @throws MalformedAnswerError that names the first field which is not as the API promises.
 */
export function answered<T extends z.ZodType>(shape: T, body: unknown, request: RequestFacts): z.output<T> {
  const result = shape.safeParse(body);
  if (result.success) return result.data;
  const issue = result.error.issues[0];
  const where = issue && issue.path.length > 0 ? `field ${issue.path.join(".")}` : "the body";
  throw new MalformedAnswerError(`${where} of the answer is not as the API promises`, {
    method: request.method,
    url: request.url,
  });
}

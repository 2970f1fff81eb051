import type { z } from "zod";
import { ServiceError } from "../http/errors";

/** A rule of the service for a body of which the types are right. */
export interface Rule<Body> {
  /** @defaultValue "CTS.0003" */
  errorCode?: string;
  /** The text after `Invalid message body.` */
  message: string;
  isKept(body: Body): boolean;
}

/**
 * Reads the body of a call.
 *
 * @param rules in the order in which the service checks them
 * @throws ServiceError with the code of the first broken rule
 */
export function readBody<Body>(
  schema: z.ZodType<Body>,
  json: unknown,
  rules: readonly Rule<NoInfer<Body>>[] = [],
): Body {
  const { data, error } = schema.safeParse(json);
  if (error) {
    throw invalidBody("The message body is empty or invalid.");
  }
  const broken = rules.find((rule) => !rule.isKept(data));
  if (broken) {
    throw invalidBody(broken.message, broken.errorCode);
  }
  return data;
}

/** The refusal of a body. */
export function invalidBody(reason: string, errorCode = "CTS.0003"): ServiceError {
  return new ServiceError(400, errorCode, `Invalid message body. ${reason}`);
}

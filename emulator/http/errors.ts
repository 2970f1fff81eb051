import { STATUS_CODES } from "node:http";

/** An answer of the service. A body that is neither text nor bytes is sent as JSON; without a body nothing is sent. */
export interface Answer {
  status: number;
  body?: unknown;
  headers?: Record<string, string>;
}

/** A refusal in the form of CTS and of the API gateway before it. */
export class ServiceError extends Error {
  override readonly name = "ServiceError";

  /**
   * @param status HTTP status
   * @param errorCode for example `CTS.0214` or `APIGW.0301`
   */
  constructor(
    readonly status: number,
    readonly errorCode: string,
    message: string,
  ) {
    super(message);
  }

  /** The gateway's errors name the request, those of CTS do not. */
  toAnswer(requestId: string): Answer {
    const body = { error_code: this.errorCode, error_msg: this.message };
    const ofGateway = this.errorCode.startsWith("APIGW");
    return { status: this.status, body: ofGateway ? { ...body, request_id: requestId } : body };
  }
}

/** The refusal of a missing path or API version. */
export function notPublished(): ServiceError {
  return new ServiceError(404, "APIGW.0101", "The API does not exist or has not been published.");
}

/** A refusal in the form of IAM. */
export class IamError extends ServiceError {
  /** @param status HTTP status */
  constructor(status: 400 | 401 | 403, message: string) {
    super(status, "", message);
  }

  override toAnswer(): Answer {
    const title = STATUS_CODES[this.status];
    return { status: this.status, body: { error: { code: this.status, message: this.message, title } } };
  }
}

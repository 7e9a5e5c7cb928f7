/** Failures of calls, for connections that don't use the SDK. */

import type { CallFailure } from './connection.ts';

/** Body of an error response, in DynamoDB's JSON. */
export interface RefusalBody extends Pick<CallFailure, 'Item' | 'CancellationReasons'> {
  readonly __type?: string | undefined;
  readonly message?: string | undefined;
  readonly Message?: string | undefined;
}

/** The failure for an error response with status `status`. */
export function callRefusal(status: number, body: RefusalBody): Error & CallFailure {
  const { __type, message, Message, Item, CancellationReasons } = body;
  const name = __type?.split('#').at(-1) ?? 'UnknownError';
  return Object.assign(callFailure(name, message ?? Message ?? '', status), { Item, CancellationReasons });
}

/** Without a status, the call may have taken effect, unless the name says otherwise. */
export function callFailure(
  name: string,
  message: string,
  httpStatusCode?: number | undefined,
): Error & CallFailure {
  return Object.assign(new Error(message), { name, $metadata: { httpStatusCode } });
}

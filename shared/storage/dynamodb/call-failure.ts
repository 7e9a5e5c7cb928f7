/** What a call fails with, for connections that are not the SDK's. */

import type { CallFailure } from './connection.ts';

/** The body of an answer that refuses, in DynamoDB's JSON. */
export interface RefusalBody extends Pick<CallFailure, 'Item' | 'CancellationReasons'> {
  readonly __type?: string | undefined;
  readonly message?: string | undefined;
  readonly Message?: string | undefined;
}

/** An answer of status `status`, which is no success. */
export function callRefusal(status: number, body: RefusalBody): Error & CallFailure {
  const { __type, message, Message, Item, CancellationReasons } = body;
  const name = __type?.split('#').at(-1) ?? 'UnknownError';
  return Object.assign(callFailure(name, message ?? Message ?? '', status), { Item, CancellationReasons });
}

/** Without a status it may have taken effect, unless the name says otherwise. */
export function callFailure(
  name: string,
  message: string,
  httpStatusCode?: number | undefined,
): Error & CallFailure {
  return Object.assign(new Error(message), { name, $metadata: { httpStatusCode } });
}

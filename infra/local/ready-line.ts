/** The line that reports the address of a server that has started. */

import type { EmbeddedDynamoDB } from './dynamodb/embedded-dynamodb.ts';

/** `startedAt`: of `performance.now()`. Reports a fault of the store instead of readiness; it is logged with advice. */
export function readyLine(
  startedAt: number,
  address: string,
  { connection }: Pick<EmbeddedDynamoDB, 'connection'>,
): string {
  const fault = connection?.fault;
  if (fault !== undefined) return `zeroplane is not ready at ${address}: ${fault}`;
  return `zeroplane ready in ${Math.round(performance.now() - startedAt)} ms at ${address}`;
}

/**
 * A failure of a server that the cluster's configuration names, such as a webhook that does not respond. It may fail a
 * request with 500 without being a fault of this server.
 */
export class ForeignFault extends Error {}

/** Whether `error` is a `ForeignFault` or has one among its causes. */
export function isForeignFault(error: unknown): boolean {
  for (let at: unknown = error; at instanceof Error; at = at.cause)
    if (at instanceof ForeignFault) return true;
  return false;
}

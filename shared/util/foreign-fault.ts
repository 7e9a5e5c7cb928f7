/**
 * What a server did wrong that the cluster's configuration names, such as a webhook that doesn't answer. Requests may
 * fail by it with a 500, yet this server did nothing wrong.
 */
export class ForeignFault extends Error {}

/** Whether it is one, or was caused by one. */
export function isForeignFault(error: unknown): boolean {
  for (let at: unknown = error; at instanceof Error; at = at.cause)
    if (at instanceof ForeignFault) return true;
  return false;
}

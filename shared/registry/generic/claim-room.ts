import type { RequestContext } from '../../request/request-context.ts';
import type { StoredObject } from '../../storage/storage.ts';
import { READ_AT_ONCE } from '../../util/breathe.ts';

/**
 * To be called before a stored object is decoded for a write: many may change or delete large ones at once, by small
 * requests. `objects`: so many like it are there at the same time. Throws the host's StatusError where it has no room now.
 */
export function claimRoom(
  { request }: RequestContext,
  { bytes }: StoredObject<unknown>,
  objects: number,
): void {
  if (bytes.length > READ_AT_ONCE) request.claimAnswer?.({ bytes: 0, objectBytes: objects * bytes.length });
}

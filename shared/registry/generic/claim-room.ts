import type { RequestContext } from '../../request/request-context.ts';
import type { StoredObject } from '../../storage/storage.ts';
import { READ_AT_ONCE } from '../../util/breathe.ts';

/**
 * Claims memory before a large stored object is decoded for a write, because small requests can change or delete many
 * large objects at once. `objects` is the number of copies held at the same time. Throws the host's StatusError if it
 * lacks the memory.
 */
export function claimRoom(
  { request }: RequestContext,
  { bytes }: StoredObject<unknown>,
  objects: number,
): void {
  if (bytes.length > READ_AT_ONCE) request.claimAnswer?.({ bytes: 0, objectBytes: objects * bytes.length });
}

import type { RequestContext } from '../../request/request-context.ts';
import type { StoredObject } from '../../storage/storage.ts';
import { READ_AT_ONCE } from '../../util/breathe.ts';

/** The old and the new object. */
const OBJECTS_OF_UPDATE = 2;
/** The object is decoded once for validation and once for the answer. */
const OBJECTS_OF_DELETION = 2;

/**
 * Claims memory before a large stored object is decoded for an update, because small requests can change many large
 * objects at once. Throws the host's StatusError if it lacks the memory.
 */
export function claimUpdate(context: RequestContext, { bytes }: StoredObject<unknown>): void {
  claim(context, bytes.length, OBJECTS_OF_UPDATE);
}

/** Like `claimUpdate`, for a deletion. `bytes`: stored size of the largest object that it decodes. */
export function claimDeletion(context: RequestContext, bytes: number): void {
  claim(context, bytes, OBJECTS_OF_DELETION);
}

/** `objects`: copies held at the same time. */
function claim({ request }: RequestContext, bytes: number, objects: number): void {
  if (bytes > READ_AT_ONCE) request.claimAnswer?.({ bytes: 0, objectBytes: objects * bytes });
}

/**
 * Claims memory for a list before a webhook converts its objects: for the converted bytes and, if each is decoded to
 * match a selector, for the largest. Throws like `claimUpdate`.
 */
export function claimConverted(
  { request }: RequestContext,
  items: readonly StoredObject<unknown>[],
  isSelective: boolean,
): void {
  if (request.claimAnswer === undefined) return;
  let bytes = 0;
  let largest = 0;
  for (const item of items) {
    bytes += item.bytes.length;
    largest = Math.max(largest, item.bytes.length);
  }
  request.claimAnswer({ bytes, objectBytes: isSelective ? largest : 0 });
}

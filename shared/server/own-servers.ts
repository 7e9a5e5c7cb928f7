/** The servers of this process as their own parts see them, which are made before them. */

import type { DiscoverySource } from '../endpoints/discovery/discovery-source.ts';
import { notFound } from '../endpoints/routing/api-director.ts';
import type { RequestHandler } from '../endpoints/routing/handler.ts';
import type { GroupVersionKind } from '../runtime/group-version.ts';
import type { TypeSchema } from '../runtime/type-schema.ts';

export class OwnServers {
  /** Where the loopback client's requests go. */
  handler: RequestHandler = notFound;
  discovery: DiscoverySource = { groups: () => [] };
  /** The types of custom resources. */
  customType: (kind: GroupVersionKind) => Promise<TypeSchema | undefined> = async () => undefined;
}

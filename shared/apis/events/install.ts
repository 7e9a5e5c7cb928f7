import type { APIGroup } from '../install-group.ts';
import { eventFromInternal, eventToInternal } from './conversion.ts';
import typesV1 from './v1/types.json?text';
import typesV1beta1 from './v1beta1/types.json?text';

const EVENT = { toInternal: eventToInternal, fromInternal: eventFromInternal, internalGroup: '' };

/** The group events.k8s.io, whose only kind is the core group's Event with renamed fields. */
export const events: APIGroup = {
  group: 'events.k8s.io',
  definitions: 'io.k8s.api.events',
  priority: 17750,
  versions: {
    v1: { types: typesV1, priority: 15, kinds: { Event: EVENT } },
    v1beta1: { types: typesV1beta1, priority: 5, kinds: { Event: EVENT } },
  },
};

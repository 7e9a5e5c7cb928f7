import type { Event } from '../../../apis/core/v1/types.ts';
import { validateEventCreate, validateEventUpdate } from '../../../apis/core/validation/events.ts';
import { nameIsPathSegment } from '../../../meta/validation/names.ts';
import type { RequestContext } from '../../../request/request-context.ts';
import type { RESTStrategy } from '../../../rest/strategy.ts';
import type { GroupVersion } from '../../../runtime/group-version.ts';

/** Validation depends on the version: the older API is much more lenient. */
const requestVersion = ({ requestInfo }: RequestContext): GroupVersion => ({
  group: requestInfo.apiGroup,
  version: requestInfo.apiVersion,
});

export function eventStrategy(lifetimeSeconds: number): RESTStrategy<Event> {
  return {
    kind: { group: '', kind: 'Event' },
    namespaced: true,
    validatesMetadata: false,
    validateName: nameIsPathSegment,
    validate: (context, object) => validateEventCreate(object, requestVersion(context)),
    validateUpdate: (context, object, old) => validateEventUpdate(object, old, requestVersion(context)),
    allowCreateOnUpdate: true,
    defaultGarbageCollectionPolicy: 'unsupported',
    ttlSeconds: () => lifetimeSeconds,
  };
}

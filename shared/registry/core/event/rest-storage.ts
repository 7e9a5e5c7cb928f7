import type { Event } from '../../../apis/core/v1/types.ts';
import { type BuildResource, groupStorage, storedResource } from '../../generic/group-storage.ts';
import { eventFields } from './selectable-fields.ts';
import { eventStrategy } from './strategy.ts';

/** The resource under which events of both groups are stored. */
export const EVENTS = { group: '', resource: 'events' };

export const events: BuildResource = (config, resource) =>
  storedResource<Event>({
    version: 'v1',
    storedAs: EVENTS,
    strategy: eventStrategy(config.options.eventTTLSeconds),
    selectableFields: eventFields,
    anyFinalizers: true,
  })(config, resource);

/** The core group's events in another form. */
export const eventsStorage = groupStorage('events.k8s.io', { events });

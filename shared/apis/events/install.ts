import type { Scheme } from '../../runtime/scheme.ts';
import { installGroup } from '../install-group.ts';
import { eventFromInternal, eventToInternal } from './conversion.ts';

const EVENT = { toInternal: eventToInternal, fromInternal: eventFromInternal, internalGroup: '' };

/** Registers events.k8s.io, whose one kind is the core group's Event with other names. */
export function install(scheme: Scheme): void {
  installGroup(scheme, {
    group: 'events.k8s.io',
    definitions: 'io.k8s.api.events',
    versions: ['v1', 'v1beta1'],
    kinds: { v1: { Event: EVENT }, v1beta1: { Event: EVENT } },
  });
}

/**
 * Records upstream's controllers, as `kube-apiserver`, as managers of a definition's status. Here their work is part of
 * the write, which the field manager doesn't see.
 */

import type { Definition } from '../../apis/apiextensions/definition.ts';
import { compareManagers } from '../../meta/managedfields/managers.ts';
import { formatTime } from '../../meta/time.ts';

const MANAGER = 'kube-apiserver';
const API_VERSION = 'apiextensions.k8s.io/v1';
const CONDITION_FIELDS = ['.', 'f:lastTransitionTime', 'f:message', 'f:reason', 'f:status', 'f:type'];

const fieldSet = (names: readonly string[]): object => Object.fromEntries(names.map((name) => [name, {}]));

/** Sets the entry in place if managedFields are maintained. `now` is in milliseconds since the epoch. */
export function manageStatus({ metadata, status }: Definition, now: number): void {
  const { managedFields } = metadata;
  if (managedFields === undefined || managedFields === null) return;
  const names = Object.entries(status.acceptedNames ?? {}).flatMap(([name, value]) =>
    value === undefined || value === null ? [] : [`f:${name}`],
  );
  const conditions = (status.conditions ?? []).map(({ type }) => `k:${JSON.stringify({ type })}`);
  const entry = {
    manager: MANAGER,
    operation: 'Update' as const,
    apiVersion: API_VERSION,
    time: formatTime(now),
    fieldsType: 'FieldsV1',
    fieldsV1: {
      'f:status': {
        'f:acceptedNames': fieldSet(names.sort()),
        'f:conditions': Object.fromEntries(conditions.sort().map((key) => [key, fieldSet(CONDITION_FIELDS)])),
      },
    },
    subresource: 'status',
  };
  const others = managedFields.filter(
    ({ manager, operation, subresource }) =>
      manager !== MANAGER || operation !== 'Update' || subresource !== 'status',
  );
  metadata.managedFields = [...others, entry].sort(compareManagers);
}

/**
 * Who wrote a definition's status: upstream's controllers, as `kube-apiserver`. They are one step of the write here,
 * which no field manager sees.
 */

import type { Definition } from '../../apis/apiextensions/definition.ts';
import { compareManagers } from '../../meta/managedfields/managers.ts';
import { formatTime } from '../../meta/time.ts';

const MANAGER = 'kube-apiserver';
const API_VERSION = 'apiextensions.k8s.io/v1';
const CONDITION_FIELDS = ['.', 'f:lastTransitionTime', 'f:message', 'f:reason', 'f:status', 'f:type'];

const fieldSet = (names: readonly string[]): object => Object.fromEntries(names.map((name) => [name, {}]));

/** Sets the entry in place, where entries are kept at all. `now`: milliseconds since the epoch. */
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

/** https://github.com/kubernetes/kubernetes/blob/master/pkg/apis/storage/validation/validation.go */

import { duplicate, type FieldError, invalid, notSupported, required } from '../../../meta/field-error.ts';
import { FieldPath } from '../../../meta/field-path.ts';
import { validateImmutableField } from '../../../meta/validation/immutable.ts';
import type { RequestContext } from '../../../request/request-context.ts';
import { appendAll } from '../../../util/append-all.ts';
import type { CSIDriver, TokenRequest } from '../v1/types.ts';

const SPEC = FieldPath.of('spec');
const FS_GROUP_POLICIES = ['File', 'None', 'ReadWriteOnceWithFSType'];
const LIFECYCLE_MODES = ['Persistent', 'Ephemeral'];
const MIN_UPDATE_PERIOD_SECONDS = 10;
const MIN_TOKEN_SECONDS = 600;
const MAX_TOKEN_SECONDS = 2 ** 32;

type Gates = Pick<RequestContext, 'featureEnabled'>;

export function validateCSIDriver({ featureEnabled }: Gates, { spec }: CSIDriver): FieldError[] {
  const errors: FieldError[] = [];
  // Upstream's name of the field.
  if (spec.attachRequired === undefined) errors.push(required(SPEC.child('attachedRequired'), ''));
  for (const field of ['podInfoOnMount', 'storageCapacity'] as const) {
    if (spec[field] === undefined) errors.push(required(SPEC.child(field), ''));
  }
  const { fsGroupPolicy, nodeAllocatableUpdatePeriodSeconds: period, tokenRequests } = spec;
  if (fsGroupPolicy !== undefined && !FS_GROUP_POLICIES.includes(fsGroupPolicy)) {
    errors.push(notSupported(SPEC.child('fsGroupPolicy'), fsGroupPolicy, FS_GROUP_POLICIES));
  }
  appendAll(errors, validateTokenRequests(tokenRequests ?? [], SPEC.child('tokenRequests')));
  for (const mode of spec.volumeLifecycleModes ?? []) {
    if (LIFECYCLE_MODES.includes(mode)) continue;
    errors.push(notSupported(SPEC.child('volumeLifecycleModes'), mode, LIFECYCLE_MODES));
  }
  if (spec.seLinuxMount === undefined && featureEnabled('SELinuxMountReadWriteOncePod'))
    errors.push(required(SPEC.child('seLinuxMount'), ''));
  if (period !== undefined && period < MIN_UPDATE_PERIOD_SECONDS) {
    const detail = `must be greater than or equal to ${MIN_UPDATE_PERIOD_SECONDS} seconds`;
    errors.push(invalid(SPEC.child('nodeAllocatableUpdatePeriodSeconds'), period, detail));
  }
  const { serviceAccountTokenInSecrets: inSecrets } = spec;
  if (inSecrets !== undefined && !tokenRequests?.length) {
    const detail = 'serviceAccountTokenInSecrets is set but no tokenRequests are specified';
    errors.push(invalid(SPEC.child('serviceAccountTokenInSecrets'), inSecrets, detail));
  }
  if (spec.preventPodSchedulingIfMissing === undefined && featureEnabled('VolumeLimitScaling')) {
    errors.push(required(SPEC.child('preventPodSchedulingIfMissing'), ''));
  }
  return errors;
}

export function validateCSIDriverUpdate(gates: Gates, driver: CSIDriver, old: CSIDriver): FieldError[] {
  const { attachRequired, volumeLifecycleModes } = driver.spec;
  const modes = SPEC.child('volumeLifecycleModes');
  return [
    ...validateCSIDriver(gates, driver),
    ...validateImmutableField(attachRequired, old.spec.attachRequired, SPEC.child('attachedRequired')),
    ...validateImmutableField(volumeLifecycleModes, old.spec.volumeLifecycleModes, modes),
  ];
}

function validateTokenRequests(requests: readonly TokenRequest[], path: FieldPath): FieldError[] {
  const audiences = new Set<string>();
  return requests.flatMap(({ audience, expirationSeconds: seconds }, index) => {
    if (audiences.has(audience)) return [duplicate(path.index(index).child('audience'), audience)];
    audiences.add(audience);
    const at = path.index(index).child('expirationSeconds');
    if (seconds === undefined) return [];
    if (seconds < MIN_TOKEN_SECONDS) {
      return [invalid(at, seconds, 'may not specify a duration less than 10 minutes')];
    }
    if (seconds <= MAX_TOKEN_SECONDS) return [];
    return [invalid(at, seconds, 'may not specify a duration larger than 2^32 seconds')];
  });
}

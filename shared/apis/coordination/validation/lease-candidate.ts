/** https://github.com/kubernetes/kubernetes/blob/master/pkg/apis/coordination/validation/validation.go */

import { type FieldError, invalid, required } from '../../../meta/field-error.ts';
import { FieldPath } from '../../../meta/field-path.ts';
import { validateImmutableField } from '../../../meta/validation/immutable.ts';
import { compareSemanticVersions, parseSemanticVersion } from '../../../util/semantic-version.ts';
import type { LeaseCandidate } from '../v1beta1/types.ts';
import { OLDEST_EMULATION_VERSION, validateCoordinatedLeaseStrategy } from './lease-strategy.ts';

const SPEC = FieldPath.of('spec');
const ZERO = parseSemanticVersion('0.0.0')!;
const NOT_A_VERSION = 'must be a valid semantic version';

export function validateLeaseCandidate({ spec }: LeaseCandidate): FieldError[] {
  const { leaseName, emulationVersion = '', binaryVersion, strategy = '' } = spec;
  const errors: FieldError[] = leaseName === '' ? [required(SPEC.child('leaseName'), '')] : [];
  const emulation = parseSemanticVersion(emulationVersion);
  const binary = parseSemanticVersion(binaryVersion);
  const binaryPath = SPEC.child('binaryVersion');
  const emulationPath = SPEC.child('emulationVersion');
  if (emulationVersion !== '' && !emulation) {
    errors.push(invalid(emulationPath, emulationVersion, NOT_A_VERSION));
  }
  if (binaryVersion === '') errors.push(required(binaryPath, ''));
  else if (!binary) errors.push(invalid(binaryPath, binaryVersion, NOT_A_VERSION));
  const isOlder = compareSemanticVersions(binary ?? ZERO, emulation ?? ZERO) < 0;
  if (binaryVersion !== '' && emulationVersion !== '' && isOlder) {
    const detail = 'must be greater than or equal to `emulationVersion`';
    errors.push(invalid(binaryPath, binaryVersion, detail));
  }
  if (strategy === '') return [...errors, required(SPEC.child('strategy'), '')];
  const emulatesNothing = compareSemanticVersions(emulation ?? ZERO, ZERO) === 0;
  if (strategy === OLDEST_EMULATION_VERSION && emulatesNothing) {
    const detail = "must be specified when `strategy` is 'OldestEmulationVersion'";
    errors.push(required(emulationPath, detail));
  }
  return errors.concat(validateCoordinatedLeaseStrategy(strategy, SPEC.child('strategy')));
}

export function validateLeaseCandidateUpdate(candidate: LeaseCandidate, old: LeaseCandidate): FieldError[] {
  const { leaseName } = candidate.spec;
  return [
    ...validateLeaseCandidate(candidate),
    ...validateImmutableField(leaseName, old.spec.leaseName, SPEC.child('leaseName')),
  ];
}

/** https://github.com/kubernetes/kubernetes/blob/master/pkg/apis/resource/validation/validation.go */

import {
  covered,
  type FieldError,
  invalid,
  notSupported,
  required,
  unlessGate,
} from '../../../meta/field-error.ts';
import type { FieldPath } from '../../../meta/field-path.ts';
import { appendAll } from '../../../util/append-all.ts';
import { validateDNS1123Label } from '../../core/validation/helpers.ts';
import type {
  DeviceClaim,
  DeviceConstraint,
  DeviceRequest,
  DeviceSubRequest,
  ExactDeviceRequest,
} from '../v1/types.ts';
import { validateList, validateSet } from './collections.ts';
import { DerivedAttributes } from './derived-attributes.ts';
import { validateDeviceConfiguration } from './device-configuration.ts';
import { type DeviceRules, validateSelectors } from './device-selector.ts';
import { validateDeviceToleration } from './device-taint.ts';
import { validateDeviceClassName, validateFullyQualifiedName } from './names.ts';

export const MAX_REQUESTS = 32;
export const MAX_CONFIGURATIONS = 32;
const MAX_CONSTRAINTS = 32;
const MAX_SUB_REQUESTS = 8;
const ALLOCATION_MODES = ['All', 'ExactCount'];
const REQUEST_REFERENCE =
  "must be the name of a request in the claim or the name of a request and a subrequest separated by '/'";

/** The names of alternatives, by request. */
export type RequestNames = ReadonlyMap<string, ReadonlySet<string>>;

export const requestNamesOf = ({ requests }: DeviceClaim): RequestNames =>
  new Map(
    (requests ?? []).map(({ name, firstAvailable }) => [
      name,
      new Set((firstAvailable ?? []).map((alternative) => alternative.name)),
    ]),
  );

export function validateRequestReference(name: string, path: FieldPath, names: RequestNames): FieldError[] {
  const segments = name.split('/');
  if (segments.length > 2) return [invalid(path, name, REQUEST_REFERENCE)];
  const errors = segments.flatMap((segment) => validateDNS1123Label(segment, path));
  const [request = '', alternative] = segments;
  const alternatives = names.get(request);
  const isKnown = alternatives !== undefined && (alternative === undefined || alternatives.has(alternative));
  return isKnown ? errors : [...errors, invalid(path, name, REQUEST_REFERENCE)];
}

export const validateRequestReferences = (
  references: readonly string[] | undefined,
  path: FieldPath,
  names: RequestNames,
): FieldError[] =>
  validateSet(
    references,
    MAX_REQUESTS,
    (name, at) => validateRequestReference(name, at, names),
    (name) => name,
    path,
  );

export function validateDeviceClaim(claim: DeviceClaim, path: FieldPath, rules: DeviceRules): FieldError[] {
  const names = requestNamesOf(claim);
  const derived = new DerivedAttributes(claim, rules);
  return [
    ...validateSet(
      claim.requests,
      MAX_REQUESTS,
      (request, at) => validateRequest(request, at, { rules, derived }),
      ({ name }) => name,
      path.child('requests'),
    ),
    ...validateList(
      claim.constraints,
      MAX_CONSTRAINTS,
      (constraint, at) => validateConstraint(constraint, at, names),
      path.child('constraints'),
    ),
    ...validateList(
      claim.config,
      MAX_CONFIGURATIONS,
      (configuration, at) => [
        ...validateRequestReferences(configuration.requests, at.child('requests'), names),
        ...validateDeviceConfiguration(configuration, at),
      ],
      path.child('config'),
    ),
    ...derived.validateAll(path),
  ];
}

/** The context common to all requests of a claim. */
interface RulesOfClaim {
  readonly rules: DeviceRules;
  readonly derived: DerivedAttributes;
}

function validateRequest(
  { name, exactly, firstAvailable }: DeviceRequest,
  path: FieldPath,
  claim: RulesOfClaim,
): FieldError[] {
  const errors = validateDNS1123Label(name, path.child('name'));
  const oneOf = 'exactly one of `exactly` or `firstAvailable` is required';
  if (exactly && firstAvailable?.length) {
    return [...errors, invalid(path, null, `${oneOf}, but multiple fields are set`)];
  }
  if (exactly) {
    return errors.concat(validateExactRequest(exactly, path.child('exactly'), { ...claim, name }));
  }
  if (!firstAvailable?.length) return [...errors, required(path, oneOf)];
  return errors.concat(
    validateSet(
      firstAvailable,
      MAX_SUB_REQUESTS,
      (alternative, at) => [
        ...validateDNS1123Label(alternative.name, at.child('name')),
        ...validateExactRequest(alternative, at, { ...claim, name: `${name}/${alternative.name}` }),
      ],
      (alternative) => alternative.name,
      path.child('firstAvailable'),
    ),
  );
}

/** `name` is the name used in constraints. */
function validateExactRequest(
  request: ExactDeviceRequest | DeviceSubRequest,
  path: FieldPath,
  { name, rules, derived }: RulesOfClaim & { readonly name: string },
): FieldError[] {
  const { deviceClassName, selectors, allocationMode = '', count = 0, tolerations } = request;
  const errors = [
    ...covered(validateDeviceClassName(deviceClassName, path.child('deviceClassName'))),
    ...validateSelectors(selectors, path.child('selectors'), rules),
    ...derived.validate(request.derivedAttributes, path.child('derivedAttributes'), name),
  ];
  if (!ALLOCATION_MODES.includes(allocationMode)) {
    appendAll(
      errors,
      covered([notSupported(path.child('allocationMode'), allocationMode, ALLOCATION_MODES)]),
    );
  } else if (allocationMode === 'All' && count !== 0) {
    const detail = `must not be specified when allocationMode is '${allocationMode}'`;
    errors.push(invalid(path.child('count'), count, detail));
  } else if (allocationMode === 'ExactCount' && count <= 0) {
    errors.push(invalid(path.child('count'), count, 'must be greater than zero'));
  }
  return errors.concat(
    (tolerations ?? []).flatMap((toleration, index) =>
      validateDeviceToleration(toleration, path.child('tolerations').index(index)),
    ),
  );
}

function validateConstraint(
  { requests, matchAttribute, distinctAttribute }: DeviceConstraint,
  path: FieldPath,
  names: RequestNames,
): FieldError[] {
  const errors = validateRequestReferences(requests, path.child('requests'), names);
  if (matchAttribute !== undefined) {
    return errors.concat(covered(validateFullyQualifiedName(matchAttribute, path.child('matchAttribute'))));
  }
  if (distinctAttribute !== undefined) {
    return errors.concat(
      covered(validateFullyQualifiedName(distinctAttribute, path.child('distinctAttribute'))),
    );
  }
  const detail =
    'exactly one of "matchAttribute" or "distinctAttribute" is required, but multiple fields are set';
  const gate = 'DRAConsumableCapacity';
  const alone = unlessGate(gate, [required(path.child('matchAttribute'), '')]);
  return [...errors, { ...required(path, detail), gate }, ...alone];
}

/** https://github.com/kubernetes/kubernetes/blob/master/pkg/apis/flowcontrol/validation/validation.go */

import { semanticDeepEqual } from '../../../meta/deep-equal.ts';
import {
  type FieldError,
  forbidden,
  invalid,
  notSupported,
  required,
  shownAs,
} from '../../../meta/field-error.ts';
import { FieldPath } from '../../../meta/field-path.ts';
import { BOOTSTRAP_PRIORITY_LEVELS, MANDATORY } from '../bootstrap-objects.ts';
import type {
  LimitedPriorityLevelConfiguration,
  LimitResponse,
  PriorityLevelConfiguration,
  PriorityLevelConfigurationSpec,
  QueuingConfiguration,
} from '../v1/types.ts';
import { validateFlowControlStatus } from './conditions.ts';

const SPEC = FieldPath.of('spec');
const LIMITED = SPEC.child('limited');
const EXEMPT = SPEC.child('exempt');
const RESPONSE = LIMITED.child('limitResponse');
const QUEUING = RESPONSE.child('queuing');
const PRESERVE_ZERO_SHARES = 'flowcontrol.k8s.io/v1beta3-preserve-zero-concurrency-shares';
/** Feature gate for rules that are only declared. */
const DECLARED = 'DeclarativeValidationBeta';
const MAX_QUEUES = 10_000_000;
/** Number of hash bits from which shuffle sharding deals hands. */
const MAX_HASH_BITS = 60;

/** `version` is the version of the request, for the name of a field. */
export function validatePriorityLevelConfiguration(
  { metadata, spec, status }: PriorityLevelConfiguration,
  version: string,
): FieldError[] {
  const { name = '', annotations = {} } = metadata;
  const errors: FieldError[] = [];
  if (Object.hasOwn(annotations, PRESERVE_ZERO_SHARES)) {
    const detail = `annotation '${PRESERVE_ZERO_SHARES}' is forbidden`;
    errors.push(forbidden(FieldPath.of('metadata', 'annotations'), detail));
  }
  return [
    ...errors,
    ...validateSpec(name, spec, version),
    ...validateFixed(name, spec),
    ...validateFlowControlStatus(status),
  ];
}

function validateFixed(name: string, spec: PriorityLevelConfigurationSpec): FieldError[] {
  if (!MANDATORY.includes(name)) return [];
  const fixed = BOOTSTRAP_PRIORITY_LEVELS.find((level) => level.metadata.name === name)!.spec;
  const isExempt = name === 'exempt';
  if (semanticDeepEqual(isExempt ? { ...spec, exempt: fixed.exempt } : spec, fixed)) return [];
  const except = isExempt ? " except the 'spec.exempt' field" : '';
  const error = invalid(SPEC, spec, `spec of '${name}'${except} must equal the fixed value`);
  return shownAs('flowcontrol.PriorityLevelConfigurationSpec', [error]);
}

function validateSpec(name: string, spec: PriorityLevelConfigurationSpec, version: string): FieldError[] {
  const { type, limited, exempt } = spec;
  const errors: FieldError[] = [];
  if ((name === 'exempt') !== (type === 'Exempt')) {
    const detail = "must be 'Exempt' if and only if `name` is 'exempt'";
    errors.push(invalid(SPEC.child('type'), type, detail));
  }
  if (type === 'Exempt') {
    if (limited) errors.push(forbidden(LIMITED, 'must be nil if the type is not Limited'));
    return exempt
      ? [
          ...errors,
          ...validateShares(exempt.nominalConcurrencyShares, EXEMPT.child('nominalConcurrencyShares')),
          ...validateLendable(exempt.lendablePercent, EXEMPT),
        ]
      : errors;
  }
  if (type !== 'Limited' && limited) {
    errors.push({ ...forbidden(LIMITED, 'must be nil if the type is not Limited'), gate: DECLARED });
  }
  if (!type) return [...errors, required(SPEC.child('type'), '')];
  if (type !== 'Limited') {
    return [...errors, notSupported(SPEC.child('type'), type, ['Exempt', 'Limited'])];
  }
  if (exempt) errors.push(forbidden(EXEMPT, 'must be nil if the type is Limited'));
  if (!limited) return [...errors, required(LIMITED, 'must not be empty when type is Limited')];
  return errors.concat(validateLimited(limited, version));
}

const validateShares = (shares: number | undefined, path: FieldPath): FieldError[] =>
  shares !== undefined && shares < 0 ? [invalid(path, shares, 'must be a non-negative integer')] : [];

const validateLendable = (percent: number | undefined, path: FieldPath): FieldError[] =>
  percent === undefined || (percent >= 0 && percent <= 100)
    ? []
    : [invalid(path.child('lendablePercent'), percent, 'must be between 0 and 100, inclusive')];

function validateLimited(limited: LimitedPriorityLevelConfiguration, version: string): FieldError[] {
  const { nominalConcurrencyShares, lendablePercent, borrowingLimitPercent: borrowed } = limited;
  const shares = version === 'v1beta1' ? 'assuredConcurrencyShares' : 'nominalConcurrencyShares';
  const errors = [
    ...validateShares(nominalConcurrencyShares, LIMITED.child(shares)),
    ...validateLimitResponse(limited.limitResponse),
    ...validateLendable(lendablePercent, LIMITED),
  ];
  if (borrowed === undefined || borrowed >= 0) return errors;
  const detail = 'if specified, must be a non-negative integer';
  return [...errors, invalid(LIMITED.child('borrowingLimitPercent'), borrowed, detail)];
}

function validateLimitResponse({ type, queuing }: LimitResponse): FieldError[] {
  if (type !== 'Queue') {
    const detail = 'must be nil if limited.limitResponse.type is not Limited';
    const errors = queuing ? [forbidden(QUEUING, detail)] : [];
    if (type === 'Reject') return errors;
    const declared = errors.map((error) => ({ ...error, gate: DECLARED }));
    const path = RESPONSE.child('type');
    return [...declared, type ? notSupported(path, type, ['Queue', 'Reject']) : required(path, '')];
  }
  if (queuing) return validateQueuing(queuing);
  return [required(QUEUING, 'must not be empty if limited.limitResponse.type is Limited')];
}

function validateQueuing({ queues, handSize, queueLengthLimit }: QueuingConfiguration): FieldError[] {
  const errors: FieldError[] = [];
  const positive = 'must be positive';
  if (queueLengthLimit <= 0) {
    errors.push(invalid(QUEUING.child('queueLengthLimit'), queueLengthLimit, positive));
  }
  if (queues <= 0) errors.push(invalid(QUEUING.child('queues'), queues, positive));
  else if (queues > MAX_QUEUES) {
    errors.push(invalid(QUEUING.child('queues'), queues, `must not be greater than ${MAX_QUEUES}`));
  }
  const path = QUEUING.child('handSize');
  if (handSize <= 0) return [...errors, invalid(path, handSize, positive)];
  if (handSize > queues) {
    return [...errors, invalid(path, handSize, `should not be greater than queues (${queues})`)];
  }
  if (Math.ceil(Math.log2(queues) * handSize) <= MAX_HASH_BITS) return errors;
  const detail = `required entropy bits of deckSize ${queues} and handSize ${handSize} should not be greater than ${MAX_HASH_BITS}`;
  return [...errors, invalid(path, handSize, detail)];
}

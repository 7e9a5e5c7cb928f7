/**
 * Reconciles the status of a definition with its spec in one step: upstream's controllers for names, establishing, API
 * approval and structural schemas (pkg/controller).
 */

import {
  findCondition,
  isConditionTrue,
  isEquivalent,
  type NewCondition,
  removeCondition,
  setCondition,
} from '../../apis/apiextensions/conditions.ts';
import {
  type Definition,
  isProtectedCommunityGroup,
  versionsOf,
} from '../../apis/apiextensions/definition.ts';
import { semanticDeepEqual } from '../../meta/deep-equal.ts';
import { aggregateFieldErrors, type FieldError, invalid } from '../../meta/field-error.ts';
import { FieldPath } from '../../meta/field-path.ts';
import { validateCABundle } from '../../meta/validation/webhook-client.ts';
import { appendAll } from '../../util/append-all.ts';
import type { Pieces } from '../../util/breathe.ts';
import { deepCopy } from '../../util/deep-copy.ts';
import { approvalState } from '../definition/api-approval.ts';
import type { SchemaTools } from '../definition/schema-tools.ts';
import { structuralError } from '../schema/structural.ts';
import { validateStructural } from '../schema/structural-validation.ts';
import { type AcceptedNames, decideNames, hasAllNames } from './names.ts';

export interface StatusInputs {
  /** Accepted names of the definitions of the group, which may include this one's. */
  readonly acceptedNames: readonly AcceptedNames[];
  readonly tools: SchemaTools;
  /** Milliseconds since the epoch. */
  readonly now: number;
}

/** Modifies `definition.status` in place. Returns whether it changed. */
export function* reconcileStatus(definition: Definition, inputs: StatusInputs): Pieces<boolean> {
  const before = deepCopy(definition.status);
  const { status } = definition;
  const { now } = inputs;
  if (!hasAllNames(definition) || findCondition(status, 'NamesAccepted') === undefined) {
    const { acceptedNames, namesAccepted, established } = decideNames(definition, inputs.acceptedNames);
    status.acceptedNames = acceptedNames;
    setCondition(status, namesAccepted, now);
    setCondition(status, established, now);
  }
  if (isConditionTrue(status, 'NamesAccepted') && !isConditionTrue(status, 'Established')) {
    setCondition(status, establish(definition), now);
  }
  settle(definition, 'KubernetesAPIApprovalPolicyConformant', {
    condition: approvalCondition(definition),
    now,
  });
  settle(definition, 'NonStructuralSchema', {
    condition: yield* nonStructuralCondition(definition, inputs.tools),
    now,
  });
  return !semanticDeepEqual(before, status);
}

function settle(
  { status }: Definition,
  type: NewCondition['type'],
  { condition, now }: { readonly condition: NewCondition | undefined; readonly now: number },
): void {
  const old = findCondition(status, type);
  if (condition === undefined) {
    if (old !== undefined && type === 'NonStructuralSchema') removeCondition(status, type);
  } else if (!isEquivalent(condition, old)) setCondition(status, condition, now);
}

/** Isn't established with an invalid CA bundle, which would make every object unreadable. */
function establish({ spec }: Definition): NewCondition {
  const caBundle = spec.conversion?.webhook?.clientConfig?.caBundle;
  if (validateCABundle('caBundle', caBundle).length > 0) {
    const message = 'The conversion webhook CABundle is invalid';
    return { type: 'Established', status: 'False', reason: 'InvalidCABundle', message };
  }
  const message = 'the initial names have been accepted';
  return { type: 'Established', status: 'True', reason: 'InitialNamesAccepted', message };
}

const APPROVALS = {
  Invalid: ['False', 'InvalidAnnotation'],
  Missing: ['False', 'MissingAnnotation'],
  Approved: ['True', 'ApprovedAnnotation'],
  Bypassed: ['False', 'UnapprovedAnnotation'],
} as const;

function approvalCondition({ metadata, spec }: Definition): NewCondition | undefined {
  if (!isProtectedCommunityGroup(spec.group)) return undefined;
  const { state, reason: message } = approvalState(metadata.annotations);
  const [status, reason] = APPROVALS[state];
  return { type: 'KubernetesAPIApprovalPolicyConformant', status, reason, message };
}

function* nonStructuralCondition(
  { spec }: Definition,
  { regexp }: SchemaTools,
): Pieces<NewCondition | undefined> {
  const type = 'NonStructuralSchema';
  const errors: FieldError[] = [];
  if (spec.preserveUnknownFields) {
    errors.push(invalid(FieldPath.of('spec', 'preserveUnknownFields'), true, 'must be false'));
  }
  for (const [index, { name, schema }] of versionsOf(spec).entries()) {
    if (!schema?.openAPIV3Schema) continue;
    const error = structuralError(schema.openAPIV3Schema);
    if (error !== undefined) {
      const message = `failed to check validation schema for version ${name}: ${error}`;
      return { type, status: 'Unknown', reason: 'StructuralError', message };
    }
    const path = FieldPath.of('spec', 'versions').index(index).child('schema', 'openAPIV3Schema');
    appendAll(errors, yield* validateStructural(path, schema.openAPIV3Schema, regexp));
  }
  if (errors.length === 0) return undefined;
  return { type, status: 'True', reason: 'Violations', message: aggregateFieldErrors(errors) };
}

/** https://github.com/kubernetes/kubernetes/blob/master/pkg/apis/admissionregistration/validation/validation.go */

import { type FieldError, invalid, notSupported, required } from '../../../meta/field-error.ts';
import { FieldPath } from '../../../meta/field-path.ts';
import { appendAll } from '../../../util/append-all.ts';
import type { MutatingAdmissionPolicy, Mutation } from '../v1/types.ts';
import type { ExpressionChecker, NewExpressionChecker } from './expression-checker.ts';
import { validateMatchConditions } from './match-conditions.ts';
import {
  validateFailurePolicy,
  validateMatchConstraints,
  validateMutatingOperations,
  validateParamKind,
} from './match-resources.ts';
import { keepsMatchConditions } from './validating-admission-policy.ts';
import { validateVariables } from './variables.ts';
import { REINVOCATION_POLICIES } from './webhook-configuration.ts';

const SPEC = FieldPath.of('spec');
const CONSTRAINTS = SPEC.child('matchConstraints');
const MUTATIONS = SPEC.child('mutations');
const REINVOCATION = SPEC.child('reinvocationPolicy');

/** `old` is the stored policy, whose unchanged conditions aren't validated again. */
export function validateMutatingAdmissionPolicy(
  { spec }: MutatingAdmissionPolicy,
  old: MutatingAdmissionPolicy | undefined,
  newChecker: NewExpressionChecker,
): FieldError[] {
  const { paramKind, matchConstraints, matchConditions, mutations = [], reinvocationPolicy } = spec;
  const params = paramKind !== undefined;
  const errors = [
    ...validateFailurePolicy(spec.failurePolicy, SPEC.child('failurePolicy')),
    ...validateParamKind(paramKind, SPEC.child('paramKind')),
    ...validateMatchConstraints(matchConstraints, CONSTRAINTS),
    ...validateMutatingOperations(matchConstraints, CONSTRAINTS),
  ];
  if (!keepsMatchConditions(spec, old?.spec)) {
    const path = SPEC.child('matchConditions');
    appendAll(errors, validateMatchConditions(matchConditions, { params }, newChecker, path));
  }
  const checker = newChecker({ composes: true });
  appendAll(errors, validateVariables(spec.variables, params, checker, SPEC.child('variables')));
  if (mutations.length === 0) errors.push(required(MUTATIONS, 'mutations must contain at least one item'));
  for (const [index, mutation] of mutations.entries()) {
    appendAll(errors, validateMutation(mutation, params, checker, MUTATIONS.index(index)));
  }
  if (!reinvocationPolicy) errors.push(required(REINVOCATION, ''));
  else if (!REINVOCATION_POLICIES.includes(reinvocationPolicy)) {
    errors.push(notSupported(REINVOCATION, reinvocationPolicy, REINVOCATION_POLICIES));
  }
  return errors;
}

const FIELDS = { ApplyConfiguration: 'applyConfiguration', JSONPatch: 'jsonPatch' } as const;
const PATCH_TYPES = Object.keys(FIELDS);

function validateMutation(
  mutation: Mutation,
  params: boolean,
  checker: ExpressionChecker,
  path: FieldPath,
): FieldError[] {
  const { patchType } = mutation;
  if (patchType === '') return [required(path.child('patchType'), '')];
  if (!PATCH_TYPES.includes(patchType)) {
    return [notSupported(path.child('patchType'), patchType, PATCH_TYPES)];
  }
  const own = FIELDS[patchType as keyof typeof FIELDS];
  const other = own === 'jsonPatch' ? 'applyConfiguration' : 'jsonPatch';
  const patch = mutation[own];
  const errors: FieldError[] = [];
  if (!patch) errors.push(required(path.child(own), `must be specified when patchType is ${patchType}`));
  else {
    const at = path.child(own, 'expression');
    const expression = (patch.expression ?? '').trim();
    const why = expression === '' ? undefined : checker.check(expression, own, { params, authorizer: true });
    if (expression === '') errors.push(required(at, ''));
    if (why !== undefined) errors.push(invalid(at, expression, why));
  }
  if (mutation[other]) {
    const detail = `must not be specified when patchType is ${patchType}`;
    errors.push(invalid(path.child(other), `{${other}}`, detail));
  }
  return errors;
}

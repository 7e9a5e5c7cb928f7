import {
  type FieldError,
  forbidden,
  invalidEach,
  notSupported,
  required,
  tooLong,
} from '../../../meta/field-error.ts';
import { FieldPath } from '../../../meta/field-path.ts';
import { isDomainPrefixedPath } from '../../../meta/validation/domains.ts';
import { byteLength } from '../../../meta/validation/format.ts';
import { validateImmutableField } from '../../../meta/validation/immutable.ts';
import { isDNS1123Label } from '../../../meta/validation/names.ts';
import { appendAll } from '../../../util/append-all.ts';
import type { IngressClass, IngressClassParametersReference } from '../v1/types.ts';
import { validateTypedReference } from './typed-reference.ts';

const CONTROLLER = FieldPath.of('spec', 'controller');
const PARAMETERS = FieldPath.of('spec', 'parameters');
const MAX_CONTROLLER_LENGTH = 250;
const SCOPES = ['Cluster', 'Namespace'];

export function validateIngressClass({ spec }: IngressClass): FieldError[] {
  const { controller = '', parameters } = spec;
  const errors =
    byteLength(controller) > MAX_CONTROLLER_LENGTH ? [tooLong(CONTROLLER, MAX_CONTROLLER_LENGTH)] : [];
  appendAll(errors, isDomainPrefixedPath(CONTROLLER, controller));
  return parameters ? errors.concat(validateParameters(parameters)) : errors;
}

export function validateIngressClassUpdate(ingressClass: IngressClass, old: IngressClass): FieldError[] {
  const { controller = '' } = ingressClass.spec;
  return [
    ...validateImmutableField(controller, old.spec.controller ?? '', CONTROLLER),
    ...validateIngressClass(ingressClass),
  ];
}

function validateParameters(parameters: IngressClassParametersReference): FieldError[] {
  const errors = validateTypedReference(parameters, PARAMETERS);
  const { scope, namespace } = parameters;
  const path = PARAMETERS.child('namespace');
  if (scope === undefined) errors.push(required(PARAMETERS.child('scope'), ''));
  else if (!SCOPES.includes(scope)) errors.push(notSupported(PARAMETERS.child('scope'), scope, SCOPES));
  else if (scope === 'Cluster') {
    if (namespace !== undefined) errors.push(forbidden(path, "`parameters.scope` is set to 'Cluster'"));
  } else if (namespace === undefined) {
    errors.push(required(path, "`parameters.scope` is set to 'Namespace'"));
  } else appendAll(errors, invalidEach(path, namespace, isDNS1123Label(namespace)));
  return errors;
}

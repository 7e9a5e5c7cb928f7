/**
 * Validates CEL expressions that select devices
 * (https://github.com/kubernetes/kubernetes/blob/master/staging/src/k8s.io/dynamic-resource-allocation/cel/compile.go).
 */

import { estimateCost } from '../../../cel/cost-estimator.ts';
import { type DeclaredType, structsOf } from '../../../cel/declared-type.ts';
import { CelEnvironment, type CompiledExpression, CompileError } from '../../../cel/environment.ts';
import { QUANTITY_TYPE } from '../../../cel/library/quantity.ts';
import { BINDING_MACROS } from '../../../cel/macro.ts';
import { ANY, BOOL, type CelType, DYN, mapType, objectType, STRING } from '../../../cel/type.ts';
import { type FieldError, forbidden, invalid, required, tooLong } from '../../../meta/field-error.ts';
import type { FieldPath } from '../../../meta/field-path.ts';
import { byteLength } from '../../../meta/validation/format.ts';
import type { DeviceSelector } from '../v1/types.ts';
import { validateList } from './collections.ts';

const MAX_SELECTORS = 32;
const MAX_EXPRESSION_SIZE = 10 * 1024;
/** Limit for one expression, and for all derived attributes of a claim. */
export const MAX_COST = 1_000_000;
const MAX_ATTRIBUTES = 32;

const sized = (type: DeclaredType['type'], maxElements: number): DeclaredType => ({
  type,
  minSerializedSize: 0,
  maxElements,
});
const entries = (key: DeclaredType, element: DeclaredType): DeclaredType => ({
  ...sized(mapType(key.type, element.type), MAX_ATTRIBUTES),
  key,
  element,
});

const DOMAIN = sized(STRING, 63);
const ID = sized(STRING, 32);
/** `attribute` is the type of the values of device attributes. */
const deviceOf = (attribute: CelType): DeclaredType => ({
  ...sized(objectType('kubernetes.DRADevice'), 0),
  fields: new Map([
    ['driver', sized(STRING, 63)],
    ['allowMultipleAllocations', sized(BOOL, 1)],
    ['attributes', entries(DOMAIN, entries(ID, sized(attribute, 64)))],
    ['capacity', entries(DOMAIN, entries(ID, sized(QUANTITY_TYPE, 0)))],
  ]),
});
const DEVICE = deviceOf(ANY);
const DEVICE_OF_LISTS = deviceOf(DYN);

const environments = new Map<DeclaredType, CelEnvironment>();

function compile(expression: string, device: DeclaredType): CompiledExpression {
  let environment = environments.get(device);
  if (environment === undefined) {
    environment = new CelEnvironment({
      variables: { device: device.type },
      structs: structsOf(device),
      macros: BINDING_MACROS,
    });
    environments.set(device, environment);
  }
  return environment.compile(expression);
}

/** The errors of an expression, and the maximum cost of one evaluation. */
export interface ValidatedExpression {
  readonly errors: FieldError[];
  readonly cost: number;
}

/** Rules that depend on feature gates. */
export interface DeviceRules {
  /** Whether attributes may be lists (`DRAListTypeAttributes`). */
  readonly listAttributes: boolean;
}

export interface ExpressionRules extends DeviceRules {
  /** Returns an error if the type isn't a valid result; otherwise undefined. */
  readonly outputError: (type: CelType) => string | undefined;
}

export function validateDeviceExpression(
  expression: string,
  path: FieldPath,
  { listAttributes, outputError }: ExpressionRules,
): ValidatedExpression {
  const device = listAttributes ? DEVICE_OF_LISTS : DEVICE;
  const refused = (error: FieldError): ValidatedExpression => ({ errors: [error], cost: 0 });
  if (byteLength(expression) > MAX_EXPRESSION_SIZE) return refused(tooLong(path, MAX_EXPRESSION_SIZE));
  try {
    const { type, checked } = compile(expression, device);
    const detail = outputError(type);
    if (detail !== undefined) return refused(invalid(path, expression, detail));
    const { max } = estimateCost(checked, device);
    return {
      errors: max <= MAX_COST ? [] : [forbidden(path, 'too complex, exceeds cost limit')],
      cost: max,
    };
  } catch (error) {
    if (!(error instanceof CompileError)) throw error;
    const stage = error.stage === 'compilation' ? 'compilation failed' : 'program instantiation failed';
    return refused(invalid(path, expression, `${stage}: ${error.message}`));
  }
}

const SELECTING = { any: ['bool', 'any'], dyn: ['bool', 'dyn'] };

function selects(attribute: 'any' | 'dyn'): (type: CelType) => string | undefined {
  return (type) =>
    SELECTING[attribute].includes(type.kind)
      ? undefined
      : `must evaluate to bool or the unknown type, not ${type.declaredName()}`;
}

export function validateSelectors(
  selectors: readonly DeviceSelector[] | undefined,
  path: FieldPath,
  { listAttributes }: DeviceRules,
): FieldError[] {
  const rules = { listAttributes, outputError: selects(listAttributes ? 'dyn' : 'any') };
  return validateList(
    selectors,
    MAX_SELECTORS,
    ({ cel }, at) =>
      cel
        ? validateDeviceExpression(cel.expression, at.child('cel', 'expression'), rules).errors
        : [required(at.child('cel'), '')],
    path,
  );
}

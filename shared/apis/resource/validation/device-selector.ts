/**
 * Expressions that choose devices
 * (https://github.com/kubernetes/kubernetes/blob/master/staging/src/k8s.io/dynamic-resource-allocation/cel/compile.go).
 */

import { estimateCost } from '../../../cel/cost-estimator.ts';
import { type DeclaredType, structsOf } from '../../../cel/declared-type.ts';
import { CelEnvironment, type CompiledExpression, CompileError } from '../../../cel/environment.ts';
import { QUANTITY_TYPE } from '../../../cel/library/quantity.ts';
import { BINDING_MACROS } from '../../../cel/macro.ts';
import { ANY, BOOL, mapType, objectType, STRING } from '../../../cel/type.ts';
import { type FieldError, forbidden, invalid, required, tooLong } from '../../../meta/field-error.ts';
import type { FieldPath } from '../../../meta/field-path.ts';
import { byteLength } from '../../../meta/validation/format.ts';
import type { DeviceSelector } from '../v1/types.ts';
import { validateList } from './collections.ts';

const MAX_SELECTORS = 32;
const MAX_EXPRESSION_SIZE = 10 * 1024;
const MAX_COST = 1_000_000;
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
const DEVICE: DeclaredType = {
  ...sized(objectType('kubernetes.DRADevice'), 0),
  fields: new Map([
    ['driver', sized(STRING, 63)],
    ['allowMultipleAllocations', sized(BOOL, 1)],
    ['attributes', entries(DOMAIN, entries(ID, sized(ANY, 64)))],
    ['capacity', entries(DOMAIN, entries(ID, sized(QUANTITY_TYPE, 0)))],
  ]),
};

let environment: CelEnvironment | undefined;

function compile(expression: string): CompiledExpression {
  environment ??= new CelEnvironment({
    variables: { device: DEVICE.type },
    structs: structsOf(DEVICE),
    macros: BINDING_MACROS,
  });
  return environment.compile(expression);
}

function validateExpression(expression: string, path: FieldPath): FieldError[] {
  if (byteLength(expression) > MAX_EXPRESSION_SIZE) return [tooLong(path, MAX_EXPRESSION_SIZE)];
  try {
    const { type, checked } = compile(expression);
    if (type.kind !== 'bool' && type.kind !== 'any') {
      const detail = `must evaluate to bool or the unknown type, not ${type.declaredName()}`;
      return [invalid(path, expression, detail)];
    }
    if (estimateCost(checked, DEVICE).max <= MAX_COST) return [];
    return [forbidden(path, 'too complex, exceeds cost limit')];
  } catch (error) {
    if (!(error instanceof CompileError)) throw error;
    const stage = error.stage === 'compilation' ? 'compilation failed' : 'program instantiation failed';
    return [invalid(path, expression, `${stage}: ${error.message}`)];
  }
}

export const validateSelectors = (
  selectors: readonly DeviceSelector[] | undefined,
  path: FieldPath,
): FieldError[] =>
  validateList(
    selectors,
    MAX_SELECTORS,
    ({ cel }, at) =>
      cel
        ? validateExpression(cel.expression, at.child('cel', 'expression'))
        : [required(at.child('cel'), '')],
    path,
  );

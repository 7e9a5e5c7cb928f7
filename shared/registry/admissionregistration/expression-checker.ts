import { admissionEnvironment } from '../../admission/cel/admission-environment.ts';
import { compileAdmissionExpression } from '../../admission/cel/admission-expression.ts';
import {
  JSON_PATCH_FUNCTIONS,
  JSON_PATCH_TYPE,
  OBJECT_TYPE,
  resolvePatchStruct,
} from '../../admission/cel/patch-types.ts';
import type {
  ExpressionChecker,
  ExpressionPurpose,
  ExpressionVariables,
  NewExpressionChecker,
} from '../../apis/admissionregistration/validation/expression-checker.ts';
import type { StructDeclaration } from '../../cel/declaration.ts';
import type { CelEnvironment } from '../../cel/environment.ts';
import { BOOL, type CelType, DYN, listType, NULL, objectType, STRING } from '../../cel/type.ts';

const RESULTS: Readonly<Record<ExpressionPurpose, readonly CelType[]>> = {
  matchCondition: [BOOL],
  validation: [BOOL],
  message: [STRING],
  auditAnnotation: [STRING, NULL],
  applyConfiguration: [OBJECT_TYPE],
  jsonPatch: [listType(JSON_PATCH_TYPE)],
};

const VARIABLES = objectType('kubernetes.variables');

class AdmissionExpressionChecker implements ExpressionChecker {
  readonly #variables: Map<string, CelType> | undefined;
  readonly #environments = new Map<string, CelEnvironment>();

  constructor(composes: boolean) {
    this.#variables = composes ? new Map() : undefined;
  }

  check(expression: string, purpose: ExpressionPurpose, has: ExpressionVariables): string | undefined {
    const patches = purpose === 'applyConfiguration' || purpose === 'jsonPatch';
    const environment = this.#environment(has, patches);
    return compileAdmissionExpression(expression, environment, RESULTS[purpose]).error;
  }

  addVariable(name: string, expression: string, has: ExpressionVariables): string | undefined {
    const { compiled, error } = compileAdmissionExpression(expression, this.#environment(has));
    this.#variables?.set(name, compiled?.type ?? DYN);
    return error;
  }

  #environment(has: ExpressionVariables, patches = false): CelEnvironment {
    const key = `${has.params} ${has.authorizer} ${patches}`;
    let environment = this.#environments.get(key);
    if (environment === undefined) {
      environment = this.#composed(admissionEnvironment(has));
      if (patches) {
        environment = environment.extend({
          functions: JSON_PATCH_FUNCTIONS,
          resolveStruct: resolvePatchStruct,
        });
      }
      this.#environments.set(key, environment);
    }
    return environment;
  }

  #composed(environment: CelEnvironment): CelEnvironment {
    const types = this.#variables;
    if (types === undefined) return environment;
    const { name } = VARIABLES;
    const declaration: StructDeclaration = { name, type: VARIABLES, field: (field) => types.get(field) };
    return environment.extend({ variables: { variables: VARIABLES }, structs: [declaration] });
  }
}

export const newExpressionChecker: NewExpressionChecker = ({ composes }) =>
  new AdmissionExpressionChecker(composes);

import { admissionEnvironment } from '../../admission/cel/admission-environment.ts';
import { compileAdmissionExpression } from '../../admission/cel/admission-expression.ts';
import type {
  ExpressionChecker,
  ExpressionPurpose,
  ExpressionVariables,
  NewExpressionChecker,
} from '../../apis/admissionregistration/validation/expression-checker.ts';
import type { StructDeclaration } from '../../cel/declaration.ts';
import type { CelEnvironment } from '../../cel/environment.ts';
import { BOOL, type CelType, DYN, NULL, objectType, STRING } from '../../cel/type.ts';

/** Undefined: not looked at before it is evaluated. */
const RESULTS: Readonly<Record<ExpressionPurpose, readonly CelType[] | undefined>> = {
  matchCondition: [BOOL],
  validation: [BOOL],
  message: [STRING],
  auditAnnotation: [STRING, NULL],
  applyConfiguration: undefined,
  jsonPatch: undefined,
};

const VARIABLES = objectType('kubernetes.variables');

class AdmissionExpressionChecker implements ExpressionChecker {
  readonly #variables: Map<string, CelType> | undefined;
  readonly #environments = new Map<string, CelEnvironment>();

  constructor(composes: boolean) {
    this.#variables = composes ? new Map() : undefined;
  }

  check(expression: string, purpose: ExpressionPurpose, has: ExpressionVariables): string | undefined {
    const results = RESULTS[purpose];
    if (results === undefined) return undefined;
    return compileAdmissionExpression(expression, this.#environment(has), results).error;
  }

  addVariable(name: string, expression: string, has: ExpressionVariables): string | undefined {
    const { compiled, error } = compileAdmissionExpression(expression, this.#environment(has));
    this.#variables?.set(name, compiled?.type ?? DYN);
    return error;
  }

  #environment(has: ExpressionVariables): CelEnvironment {
    const key = `${has.params} ${has.authorizer}`;
    let environment = this.#environments.get(key);
    if (environment === undefined) {
      environment = this.#composed(admissionEnvironment(has));
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

export const newExpressionChecker: NewExpressionChecker = (composes) =>
  new AdmissionExpressionChecker(composes);

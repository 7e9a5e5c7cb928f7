/**
 * Variables of a policy: expressions that later expressions may use, evaluated lazily
 * (https://github.com/kubernetes/apiserver/blob/master/pkg/admission/plugin/cel/composition.go).
 */

import type { Activation } from '../../cel/activation.ts';
import { PER_CALL_LIMIT } from '../../cel/cost.ts';
import type { StructDeclaration } from '../../cel/declaration.ts';
import { type CelEnvironment, evaluate } from '../../cel/environment.ts';
import { CelError, CostLimitExceeded } from '../../cel/error.ts';
import { type CelType, DYN, objectType } from '../../cel/type.ts';
import { ObjectValue, type Value } from '../../cel/value.ts';
import { quote } from '../../runtime/go-format.ts';
import { type AdmissionExpression, compileAdmissionExpression } from './admission-expression.ts';

const TYPE = objectType('kubernetes.variables');

export interface NamedExpression {
  readonly name: string;
  readonly expression: string;
}

export class CompositedVariables {
  readonly #declaration: StructDeclaration;
  readonly #expressions = new Map<string, AdmissionExpression>();

  constructor(variables: readonly NamedExpression[], environment: CelEnvironment) {
    const types = new Map<string, CelType>();
    this.#declaration = { name: TYPE.name, type: TYPE, field: (name) => types.get(name) };
    const extended = this.extend(environment);
    for (const { name, expression } of variables) {
      // Each expression sees the variables before it.
      const compiled = compileAdmissionExpression(expression, extended);
      this.#expressions.set(name, compiled);
      types.set(name, compiled.compiled?.type ?? DYN);
    }
  }

  /** The environment extended by the variables. */
  extend(environment: CelEnvironment): CelEnvironment {
    return environment.extend({ variables: { variables: TYPE }, structs: [this.#declaration] });
  }

  get(name: string): AdmissionExpression | undefined {
    return this.#expressions.get(name);
  }
}

/** The value of `variables` for one request. */
export class VariablesValue extends ObjectValue {
  readonly type = TYPE;
  readonly #variables: CompositedVariables;
  readonly #activation: Activation;
  readonly #values = new Map<string, Value>();
  #cost = 0;

  constructor(variables: CompositedVariables, activation: Activation) {
    super();
    this.#variables = variables;
    this.#activation = activation;
  }

  /** Returns the cost of evaluations since the last call. */
  takeCost(): number {
    const cost = this.#cost;
    this.#cost = 0;
    return cost;
  }

  override find(name: string): Value | undefined {
    const known = this.#values.get(name);
    if (known !== undefined) return known;
    const expression = this.#variables.get(name);
    if (expression === undefined) return undefined;
    const value = this.#evaluate(name, expression);
    this.#values.set(name, value);
    return value;
  }

  equals(other: Value): boolean {
    return this === other;
  }

  #evaluate(name: string, { compiled, error }: AdmissionExpression): Value {
    const failed = (why: string): CelError => new CelError(`composited variable ${quote(name)} ${why}`);
    if (compiled === undefined) return failed(`fails to compile: ${error}`);
    try {
      const { value, cost } = evaluate(compiled, this.#activation);
      this.#cost += cost;
      return value instanceof CelError ? failed(`fails to evaluate: ${value.message}`) : value;
    } catch (thrown) {
      // A pending authorizer decision is rethrown, and the whole evaluation is repeated once it arrives.
      if (!(thrown instanceof CostLimitExceeded)) throw thrown;
      this.#cost += PER_CALL_LIMIT;
      return failed(`fails to evaluate: ${thrown.message}`);
    }
  }
}

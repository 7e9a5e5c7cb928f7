/** https://github.com/kubernetes/apiserver/blob/master/pkg/admission/plugin/webhook/matchconditions/matcher.go */

import { RUNTIME_COST_BUDGET_MATCH_CONDITIONS } from '../../cel/cost.ts';
import type { CelEnvironment } from '../../cel/environment.ts';
import { BOOL } from '../../cel/type.ts';
import { aggregateMessages } from '../../runtime/go-format.ts';
import { AdmissionActivation, OutOfBudgetError } from './admission-activation.ts';
import { admissionEnvironment } from './admission-environment.ts';
import { type AdmissionExpression, compileAdmissionExpression } from './admission-expression.ts';
import type { AdmissionInput } from './admission-input.ts';
import type { CompositedVariables, NamedExpression } from './composited-variables.ts';

/** Match conditions failed to evaluate while the failure policy is Fail. */
export class MatchConditionsError extends Error {
  override readonly name = 'MatchConditionsError';
}

export class MatchConditions {
  readonly #expressions: readonly AdmissionExpression[];
  readonly #ignoresFailures: boolean;
  readonly #variables: CompositedVariables | undefined;

  private constructor(
    expressions: readonly AdmissionExpression[],
    failurePolicy: string | undefined,
    variables: CompositedVariables | undefined,
  ) {
    this.#expressions = expressions;
    this.#ignoresFailures = failurePolicy === 'Ignore';
    this.#variables = variables;
  }

  /** `of` is the policy of the conditions; webhooks have neither params nor variables. */
  static compile(
    conditions: readonly NamedExpression[],
    failurePolicy: string | undefined,
    of: { readonly environment: CelEnvironment; readonly variables?: CompositedVariables } = {
      environment: admissionEnvironment({ params: false, authorizer: true }),
    },
  ): MatchConditions {
    const { environment, variables } = of;
    const expressions = conditions.map(({ expression }) =>
      compileAdmissionExpression(expression, environment, [BOOL]),
    );
    return new MatchConditions(expressions, failurePolicy, variables);
  }

  /**
   * Whether all conditions hold. A condition that is false takes precedence over errors of others. Throws
   * `MatchConditionsError`.
   */
  async match(input: AdmissionInput): Promise<boolean> {
    const activation = new AdmissionActivation(
      { ...input, namespace: undefined },
      RUNTIME_COST_BUDGET_MATCH_CONDITIONS,
      this.#variables,
    );
    const errors: string[] = [];
    try {
      for (const expression of this.#expressions) {
        const { value, error } = await activation.evaluate(expression);
        if (value === false) return false;
        if (error !== undefined) errors.push(error);
      }
    } catch (error) {
      if (!(error instanceof OutOfBudgetError)) throw error;
      errors.splice(0, errors.length, error.message);
    }
    if (errors.length === 0) return true;
    if (this.#ignoresFailures) return false;
    throw new MatchConditionsError(aggregateMessages(errors));
  }
}

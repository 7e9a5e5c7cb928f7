/** https://github.com/kubernetes/apiserver/blob/master/pkg/admission/plugin/policy/validating/validator.go */

import type { ValidatingAdmissionPolicy, Validation } from '../../apis/admissionregistration/v1/types.ts';
import { RUNTIME_COST_BUDGET } from '../../cel/cost.ts';
import { BOOL, NULL, STRING } from '../../cel/type.ts';
import { typeOf } from '../../cel/value.ts';
import { AdmissionActivation, OutOfBudgetError } from '../cel/admission-activation.ts';
import { admissionEnvironment } from '../cel/admission-environment.ts';
import { type AdmissionExpression, compileAdmissionExpression } from '../cel/admission-expression.ts';
import type { AdmissionInput } from '../cel/admission-input.ts';
import { CompositedVariables } from '../cel/composited-variables.ts';
import { MatchConditions, MatchConditionsError } from '../cel/match-conditions.ts';

/** In bytes; longer messages are discarded. */
const MAX_MESSAGE_BYTES = 5 * 1024;

/** A failed validation. */
export interface PolicyDenial {
  /** Index of the validation; 0 for the policy as a whole. */
  readonly index: number;
  readonly message: string;
  /** If undefined, Invalid. */
  readonly reason?: string | undefined;
}

export interface PolicyAuditAnnotation {
  readonly key: string;
  /** Undefined if `error` is set. */
  readonly value?: string;
  /** Set if the annotation can't be evaluated and failures aren't ignored. */
  readonly error?: string;
}

export interface PolicyResult {
  readonly denials: readonly PolicyDenial[];
  readonly auditAnnotations: readonly PolicyAuditAnnotation[];
}

const NOTHING: PolicyResult = { denials: [], auditAnnotations: [] };

interface CompiledValidation {
  readonly validation: Validation;
  readonly expression: AdmissionExpression;
  readonly message: AdmissionExpression | undefined;
}

/** The message couldn't be evaluated within the budget. */
class MessageError extends Error {
  override readonly name = 'MessageError';
}

/** Errors for which the policy as a whole fails, subject to its failure policy. */
const FAILURES = [OutOfBudgetError, MatchConditionsError, MessageError];

/** A compiled validating policy. */
export class ValidatingEvaluator {
  readonly #variables: CompositedVariables;
  readonly #matchConditions: MatchConditions | undefined;
  readonly #validations: readonly CompiledValidation[];
  readonly #auditAnnotations: readonly { readonly key: string; readonly expression: AdmissionExpression }[];
  readonly #ignoresFailures: boolean;

  constructor({ spec }: ValidatingAdmissionPolicy) {
    const params = spec.paramKind !== undefined;
    const { matchConditions = [], failurePolicy } = spec;
    const base = admissionEnvironment({ params, authorizer: true });
    const variables = new CompositedVariables(spec.variables ?? [], base);
    const environment = variables.extend(base);
    const withoutAuthorizer = variables.extend(admissionEnvironment({ params, authorizer: false }));
    this.#variables = variables;
    this.#ignoresFailures = failurePolicy === 'Ignore';
    this.#matchConditions =
      matchConditions.length === 0
        ? undefined
        : MatchConditions.compile(matchConditions, failurePolicy, { environment, variables });
    this.#validations = (spec.validations ?? []).map((validation) => ({
      validation,
      expression: compileAdmissionExpression(validation.expression, environment, [BOOL]),
      message: validation.messageExpression
        ? compileAdmissionExpression(validation.messageExpression, withoutAuthorizer, [STRING])
        : undefined,
    }));
    this.#auditAnnotations = (spec.auditAnnotations ?? []).map(({ key, valueExpression }) => ({
      key,
      expression: compileAdmissionExpression(valueExpression, environment, [STRING, NULL]),
    }));
  }

  async evaluate(input: AdmissionInput): Promise<PolicyResult> {
    try {
      if (this.#matchConditions !== undefined && !(await this.#matchConditions.match(input))) return NOTHING;
      const denials = await this.#validate(input);
      return { denials, auditAnnotations: await this.#annotate(input) };
    } catch (error) {
      if (!FAILURES.some((failure) => error instanceof failure)) throw error;
      const denials = this.#ignoresFailures ? [] : [{ index: 0, message: (error as Error).message }];
      return { denials, auditAnnotations: [] };
    }
  }

  async #validate(input: AdmissionInput): Promise<readonly PolicyDenial[]> {
    const activation = new AdmissionActivation(input, RUNTIME_COST_BUDGET, this.#variables);
    const denials: PolicyDenial[] = [];
    const failed: { readonly index: number; readonly compiled: CompiledValidation }[] = [];
    for (const [index, compiled] of this.#validations.entries()) {
      const { value, error } = await activation.evaluate(compiled.expression);
      if (error === undefined) {
        if (value !== true) failed.push({ index, compiled });
      } else if (!this.#ignoresFailures) {
        denials.push({ index, message: error });
      }
    }
    if (failed.length === 0) return denials;
    const messages = new AdmissionActivation(
      { ...input, authorizer: undefined },
      activation.remainingBudget,
      this.#variables,
    );
    for (const { index, compiled } of failed) {
      const { validation } = compiled;
      const message = (await this.#message(compiled, messages)) ?? plainMessage(validation);
      denials.push({ index, message, reason: validation.reason });
    }
    return denials.toSorted((a, b) => a.index - b.index);
  }

  /** The result of the message expression; undefined if it isn't usable. */
  async #message(
    { message }: CompiledValidation,
    activation: AdmissionActivation,
  ): Promise<string | undefined> {
    if (message === undefined) return undefined;
    try {
      const { value } = await activation.evaluate(message);
      const text = typeof value === 'string' ? value.trim() : '';
      const showable = text !== '' && !text.includes('\n') && Buffer.byteLength(text) <= MAX_MESSAGE_BYTES;
      return showable ? text : undefined;
    } catch (error) {
      if (error instanceof OutOfBudgetError)
        throw new MessageError(`failed messageExpression: ${error.message}`);
      throw error;
    }
  }

  async #annotate(input: AdmissionInput): Promise<readonly PolicyAuditAnnotation[]> {
    if (this.#auditAnnotations.length === 0) return [];
    const activation = new AdmissionActivation(
      { ...input, authorizer: undefined },
      RUNTIME_COST_BUDGET,
      this.#variables,
    );
    const annotations: PolicyAuditAnnotation[] = [];
    for (const { key, expression } of this.#auditAnnotations) {
      const { value, error } = await activation.evaluate(expression);
      if (error !== undefined) {
        if (!this.#ignoresFailures) annotations.push({ key, error });
      } else if (typeof value === 'string') {
        if (value.trim() !== '') annotations.push({ key, value: value.trim() });
      } else if (value !== null) {
        annotations.push({
          key,
          error: `valueExpression '${expression.source}' resulted in unsupported return type: ${typeOf(value)}. Return type must be either string or null.`,
        });
      }
    }
    return annotations;
  }
}

function plainMessage({ message, expression }: Validation): string {
  return message?.trim() || `failed expression: ${expression.trim()}`;
}

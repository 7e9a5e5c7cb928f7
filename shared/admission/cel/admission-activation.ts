/** https://github.com/kubernetes/apiserver/blob/master/pkg/admission/plugin/cel/activation.go */

import type { Namespace } from '../../apis/core/v1/types.ts';
import type { Activation } from '../../cel/activation.ts';
import { PER_CALL_LIMIT } from '../../cel/cost.ts';
import { type CompiledExpression, evaluateAuthorized } from '../../cel/environment.ts';
import { CelError, CostLimitExceeded } from '../../cel/error.ts';
import { jsonValue } from '../../cel/json-value.ts';
import { AuthorizerValue, requestResourceCheck } from '../../cel/library/authorizer.ts';
import type { Value } from '../../cel/value.ts';
import { breathe } from '../../util/breathe.ts';
import type { AdmissionExpression } from './admission-expression.ts';
import type { AdmissionInput } from './admission-input.ts';
import { type CompositedVariables, VariablesValue } from './composited-variables.ts';

/** The shared cost budget of the expressions is exhausted; no more are evaluated. */
export class OutOfBudgetError extends Error {
  override readonly name = 'OutOfBudgetError';

  constructor() {
    super('validation failed due to running out of cost budget, no further validation rules will be run');
  }
}

export type AdmissionEvaluation =
  | { readonly value: Value; readonly error?: undefined }
  | { readonly value?: undefined; readonly error: string };

/** The variables of one request, computed on first use, and the remaining budget. */
export class AdmissionActivation implements Activation {
  readonly #input: AdmissionInput;
  readonly #values = new Map<string, Value | undefined>();
  readonly #variables: VariablesValue | undefined;
  #remaining: number;

  constructor(input: AdmissionInput, budget: number, variables?: CompositedVariables) {
    this.#input = input;
    this.#remaining = budget;
    this.#variables = variables && new VariablesValue(variables, this);
  }

  /** In cost units. */
  get remainingBudget(): number {
    return this.#remaining;
  }

  resolve(name: string): Value | undefined {
    if (!this.#values.has(name)) this.#values.set(name, this.#compute(name));
    return this.#values.get(name);
  }

  /** Throws `OutOfBudgetError`. */
  async evaluate(expression: AdmissionExpression): Promise<AdmissionEvaluation> {
    await breathe();
    if (expression.compiled === undefined) return { error: `compilation error: ${expression.error}` };
    const { value, cost } = await this.#run(expression.compiled);
    this.#spend(cost + (this.#variables?.takeCost() ?? 0));
    if (!(value instanceof CelError)) return { value };
    return { error: `expression '${expression.source}' resulted in error: ${value.message}` };
  }

  async #run(expression: CompiledExpression): Promise<{ value: Value; cost: number }> {
    try {
      return await evaluateAuthorized(expression, this);
    } catch (error) {
      if (error instanceof CostLimitExceeded) {
        return { value: new CelError(error.message), cost: PER_CALL_LIMIT };
      }
      throw error;
    }
  }

  #spend(cost: number): void {
    if (cost > this.#remaining) throw new OutOfBudgetError();
    this.#remaining -= cost;
  }

  #compute(name: string): Value | undefined {
    const { versioned, params, namespace } = this.#input;
    switch (name) {
      case 'object':
        return jsonValue(versioned.object ?? null);
      case 'oldObject':
        return jsonValue(versioned.oldObject ?? null);
      case 'params':
        return jsonValue(params ?? null);
      case 'namespaceObject':
        return jsonValue(namespace === undefined ? null : visibleNamespace(namespace));
      case 'request':
        return jsonValue(admissionRequest(this.#input));
      case 'variables':
        return this.#variables;
      case 'authorizer':
        return this.#authorizer();
      case 'authorizer.requestResource':
        return this.#requestResource();
      default:
        return undefined;
    }
  }

  #authorizer(): AuthorizerValue | undefined {
    const { authorizer, attributes } = this.#input;
    return authorizer && new AuthorizerValue(attributes.user, authorizer);
  }

  #requestResource(): Value | undefined {
    const authorizer = this.resolve('authorizer');
    if (!(authorizer instanceof AuthorizerValue)) return undefined;
    const { resource, subresource, namespace, name } = this.#input.attributes;
    return requestResourceCheck(authorizer, {
      apiGroup: resource.group,
      resource: resource.resource,
      subresource,
      namespace,
      name,
    });
  }
}

const VISIBLE_METADATA = [
  'name',
  'generateName',
  'namespace',
  'uid',
  'resourceVersion',
  'generation',
  'creationTimestamp',
  'deletionTimestamp',
  'deletionGracePeriodSeconds',
  'labels',
  'annotations',
  'finalizers',
] as const;

function visibleNamespace({ metadata, spec, status }: Namespace): object {
  const visible = Object.fromEntries(VISIBLE_METADATA.map((field) => [field, metadata[field]]));
  return { metadata: visible, spec, status };
}

/** The request part of an AdmissionReview, without the objects, which are separate variables. */
function admissionRequest({ attributes, target }: AdmissionInput): object {
  const { kind, resource, subresource, name, namespace, operation, user, dryRun, options } = attributes;
  return {
    kind: target.kind,
    resource: target.resource,
    subResource: subresource || undefined,
    requestKind: kind,
    requestResource: resource,
    requestSubResource: subresource || undefined,
    name: name || undefined,
    namespace: namespace || undefined,
    operation,
    userInfo: {
      username: user.name || undefined,
      uid: user.uid || undefined,
      groups: user.groups.length > 0 ? user.groups : undefined,
      extra: Object.keys(user.extra).length > 0 ? user.extra : undefined,
    },
    dryRun,
    options,
  };
}

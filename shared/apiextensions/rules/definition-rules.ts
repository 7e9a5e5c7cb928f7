/** Validates the rules of a definition: compilation, estimated cost, and use of old values. */

import type { JSONSchemaProps } from '../../apis/apiextensions/v1/types.ts';
import { estimateCost } from '../../cel/cost-estimator.ts';
import { declaredType, maxCardinality } from '../../cel/declared-type.ts';
import { type FieldError, forbidden, internalFieldError, invalid } from '../../meta/field-error.ts';
import type { FieldPath } from '../../meta/field-path.ts';
import { appendAll } from '../../util/append-all.ts';
import type { Pieces } from '../../util/breathe.ts';
import { internalJSON } from '../definition/internal-json.ts';
import type { RuleContext } from '../definition/rule-context.ts';
import { celSchemaOf } from './cel-schema.ts';
import { type CompiledRule, compileRules, SELF_TYPE_NAME } from './compile-rules.ts';
import {
  costError,
  DEFINITION_COST_LIMIT,
  EXPRESSION_COST_LIMIT,
  maxElements,
  multiplyCost,
  TotalCost,
} from './rule-cost.ts';

/** The context of a schema's root. `suppressExpressionCost` tolerates any cost, because the rules already exist. */
export function definitionRules(schema: JSONSchemaProps, suppressExpressionCost: boolean): RuleContext {
  return new NodeRules({
    schema,
    isResourceRoot: true,
    cardinality: 1,
    totalCost: new TotalCost(),
    suppressExpressionCost,
  });
}

interface NodeOptions {
  readonly schema: JSONSchemaProps;
  readonly isResourceRoot: boolean;
  /** Maximum number of occurrences of the node in an object; undefined if unlimited. */
  readonly cardinality: number | undefined;
  readonly totalCost: TotalCost;
  readonly suppressExpressionCost: boolean;
}

class NodeRules implements RuleContext {
  readonly #options: NodeOptions;

  constructor(options: NodeOptions) {
    this.#options = options;
  }

  property(_name: string, schema: JSONSchemaProps): RuleContext {
    return this.#child(schema);
  }

  items(schema: JSONSchemaProps): RuleContext {
    return this.#child(schema);
  }

  additionalProperties(schema: JSONSchemaProps): RuleContext {
    return this.#child(schema);
  }

  #child(schema: JSONSchemaProps): RuleContext {
    const elements = maxElements(this.#options.schema);
    const { cardinality } = this.#options;
    return new NodeRules({
      ...this.#options,
      schema,
      isResourceRoot: schema['x-kubernetes-embedded-resource'] ?? false,
      cardinality:
        cardinality === undefined || elements === undefined ? undefined : multiplyCost(cardinality, elements),
    });
  }

  *validate(path: FieldPath, uncorrelatable: FieldPath | undefined): Pieces<FieldError[]> {
    const { schema, isResourceRoot, suppressExpressionCost, totalCost } = this.#options;
    const declared = declaredType(celSchemaOf(schema), SELF_TYPE_NAME, isResourceRoot);
    if (declared === undefined) {
      const why =
        'internal error: failed to construct type information for x-kubernetes-validations rules: unable to convert structural schema to CEL declarations';
      return [internalFieldError(path, why)];
    }
    const times = this.#options.cardinality ?? maxCardinality(declared.minSerializedSize);
    const errors: FieldError[] = [];
    const rules = yield* compileRules(schema['x-kubernetes-validations'] ?? [], declared, schema);
    for (const [index, rule] of rules.entries()) {
      const at = path.index(index);
      const count = (name: string, of: FieldPath, cost: number): void => {
        if (!suppressExpressionCost && cost > EXPRESSION_COST_LIMIT) {
          errors.push(forbidden(of, costError(name, cost, EXPRESSION_COST_LIMIT)));
        }
        totalCost.add(of, cost);
      };
      const cost = rule.expression === undefined ? 0 : estimateCost(rule.expression.checked, declared).max;
      count('estimated rule cost', at.child('rule'), multiplyCost(cost, times));
      appendAll(errors, compileErrors(rule, at));
      if (rule.message !== undefined) {
        const messageCost = estimateCost(rule.message.checked, declared).max;
        count('estimated messageExpression cost', at.child('messageExpression'), messageCost);
      }
      appendAll(errors, oldSelfErrors(rule, at, uncorrelatable));
      yield;
    }
    return errors;
  }

  totalCostErrors(path: FieldPath): FieldError[] {
    const { totalCost } = this.#options;
    if (totalCost.total <= DEFINITION_COST_LIMIT) return [];
    const detail =
      'contributed to estimated rule cost total exceeding cost limit for entire OpenAPIv3 schema';
    const name = 'x-kubernetes-validations estimated rule cost total for entire OpenAPIv3 schema';
    return [
      ...totalCost.mostExpensive.map((rule) => forbidden(rule, detail)),
      forbidden(path, costError(name, totalCost.total, DEFINITION_COST_LIMIT)),
    ];
  }
}

function compileErrors({ rule, error, messageError }: CompiledRule, path: FieldPath): FieldError[] {
  const shown = internalJSON('ValidationRule', rule);
  const errors: FieldError[] = [];
  if (error !== undefined) errors.push(invalid(path.child('rule'), shown, error));
  if (messageError !== undefined) errors.push(invalid(path.child('messageExpression'), shown, messageError));
  return errors;
}

function oldSelfErrors(
  { rule, usesOldSelf }: CompiledRule,
  path: FieldPath,
  uncorrelatable: FieldPath | undefined,
): FieldError[] {
  if (usesOldSelf) {
    if (uncorrelatable === undefined) return [];
    const detail = `oldSelf cannot be used on the uncorrelatable portion of the schema within ${uncorrelatable}`;
    return [invalid(path.child('rule'), rule.rule, detail)];
  }
  if (rule.optionalOldSelf === undefined) return [];
  const detail = 'may not be set if oldSelf is not used in rule';
  return [invalid(path.child('optionalOldSelf'), rule.optionalOldSelf, detail)];
}

/** https://github.com/kubernetes/apiserver/blob/master/pkg/admission/plugin/policy/mutating/compilation.go */

import type { MutatingAdmissionPolicy, Mutation } from '../../apis/admissionregistration/v1/types.ts';
import { RUNTIME_COST_BUDGET } from '../../cel/cost.ts';
import { NotJSONError, valueToJSON } from '../../cel/json-value.ts';
import { listType } from '../../cel/type.ts';
import type { ListValue, Value } from '../../cel/value.ts';
import type { KubeObject } from '../../meta/kube-object.ts';
import { applyJSONPatch, JSONPatchTestError } from '../../meta/patch/json-patch.ts';
import type { TypeSchema } from '../../runtime/type-schema.ts';
import { inPieces } from '../../util/breathe.ts';
import { deepCopyInPieces } from '../../util/deep-copy.ts';
import { stringifyInPieces } from '../../util/exact-json.ts';
import { AdmissionActivation } from '../cel/admission-activation.ts';
import { admissionEnvironment } from '../cel/admission-environment.ts';
import { type AdmissionExpression, compileAdmissionExpression } from '../cel/admission-expression.ts';
import type { AdmissionInput } from '../cel/admission-input.ts';
import { CompositedVariables } from '../cel/composited-variables.ts';
import { MatchConditions } from '../cel/match-conditions.ts';
import {
  JSON_PATCH_FUNCTIONS,
  JSON_PATCH_TYPE,
  JSONPatchLiteral,
  misplacedLiterals,
  OBJECT_TYPE,
  ObjectLiteral,
  resolvePatchStruct,
} from '../cel/patch-types.ts';
import { applyConfiguration } from './apply-configuration.ts';

interface CompiledMutation {
  readonly expression: AdmissionExpression;
  /** Computes the new object from the result of the expression. */
  readonly apply: (object: KubeObject, value: Value, schema: TypeSchema) => unknown | Promise<unknown>;
}

/** A compiled mutating policy. */
export class MutatingEvaluator {
  readonly #variables: CompositedVariables;
  readonly #matchConditions: MatchConditions | undefined;
  readonly #mutations: readonly CompiledMutation[];

  constructor({ spec }: MutatingAdmissionPolicy) {
    const base = admissionEnvironment({ params: spec.paramKind !== undefined, authorizer: true });
    const variables = new CompositedVariables(spec.variables ?? [], base);
    const environment = variables.extend(base);
    const { matchConditions = [], failurePolicy } = spec;
    this.#variables = variables;
    this.#matchConditions =
      matchConditions.length === 0
        ? undefined
        : MatchConditions.compile(matchConditions, failurePolicy, { environment, variables });
    const withPatches = environment.extend({
      functions: JSON_PATCH_FUNCTIONS,
      resolveStruct: resolvePatchStruct,
    });
    this.#mutations = (spec.mutations ?? []).map(({ patchType, applyConfiguration, jsonPatch }: Mutation) =>
      patchType === 'JSONPatch'
        ? {
            expression: compileAdmissionExpression(jsonPatch?.expression ?? '', withPatches, [
              listType(JSON_PATCH_TYPE),
            ]),
            apply: applyOperations,
          }
        : {
            expression: compileAdmissionExpression(applyConfiguration?.expression ?? '', withPatches, [
              OBJECT_TYPE,
            ]),
            apply: applyLiteral,
          },
    );
  }

  get mutations(): number {
    return this.#mutations.length;
  }

  /** Throws `MatchConditionsError`. */
  async matches(input: AdmissionInput): Promise<boolean> {
    return this.#matchConditions === undefined || this.#matchConditions.match(input);
  }

  /** The object after one mutation, as JSON in the version of the input. Throws if the mutation fails. */
  async mutate(index: number, input: AdmissionInput, schema: TypeSchema): Promise<unknown> {
    const { expression, apply } = this.#mutations[index]!;
    if (expression.error !== undefined) throw new Error(expression.error);
    const activation = new AdmissionActivation(input, RUNTIME_COST_BUDGET, this.#variables);
    const { value, error } = await activation.evaluate(expression);
    if (error !== undefined) throw new Error(error);
    return apply(input.versioned.object!, value!, schema);
  }
}

/** Rejects literals whose type doesn't match their path. */
function refuseMisplaced(literal: ObjectLiteral): void {
  const misplaced = misplacedLiterals(literal, literal.type.name);
  if (misplaced.length > 0) throw new Error(`type mismatch: ${misplaced.join('\n')}`);
}

function applyLiteral(object: KubeObject, value: Value, schema: TypeSchema): unknown {
  if (!(value instanceof ObjectLiteral)) {
    throw new Error('unsupported return type from ApplyConfiguration expression');
  }
  refuseMisplaced(value);
  try {
    return applyConfiguration(object, value.toJSON(), schema);
  } catch (error) {
    throw new Error(`error applying patch: ${(error as Error).message}`, { cause: error });
  }
}

async function applyOperations(object: KubeObject, value: Value): Promise<unknown> {
  const operations = [...(value as ListValue)].map(operationOf);
  try {
    const patch = Buffer.from(await inPieces(stringifyInPieces(operations)));
    return (await applyJSONPatch(await deepCopyInPieces(object), patch)).value;
  } catch (error) {
    // The Status doesn't describe the error; its cause does.
    const { cause = error } = error as Error;
    // A failed `test` operation means that the patch doesn't apply.
    if (cause instanceof JSONPatchTestError) return object;
    throw new Error(`JSON Patch: ${(cause as Error).message}`, { cause: error });
  }
}

function operationOf(operation: Value): { readonly op: unknown } & Record<string, unknown> {
  if (!(operation instanceof JSONPatchLiteral)) {
    throw new Error('type mismatch: JSONPatchType.expression should evaluate to array of JSONPatch');
  }
  const text = (field: string): string => (operation.find(field) as string | undefined) ?? '';
  const value = operation.find('value');
  if (value instanceof ObjectLiteral) refuseMisplaced(value);
  try {
    return {
      op: text('op'),
      path: text('path'),
      ...(text('from') !== '' && { from: text('from') }),
      ...(value !== undefined && { value: valueToJSON(value) }),
    };
  } catch (error) {
    if (!(error instanceof NotJSONError)) throw error;
    throw new Error(
      `JSONPath valueExpression evaluated to a type that could not marshal to JSON: ${error.message}`,
      { cause: error },
    );
  }
}

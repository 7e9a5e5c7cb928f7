/**
 * Evaluates the rules of a schema on objects
 * (https://github.com/kubernetes/apiextensions-apiserver/blob/master/pkg/apiserver/schema/cel/validation.go).
 */

import type { JSONSchemaProps } from '../../apis/apiextensions/v1/types.ts';
import { RUNTIME_COST_BUDGET } from '../../cel/cost.ts';
import { type DeclaredType, declaredType } from '../../cel/declared-type.ts';
import { escapeName } from '../../cel/escaping.ts';
import { type CelSchema, propertyOf, withTypeAndObjectMeta } from '../../cel/schema.ts';
import type { FieldError } from '../../meta/field-error.ts';
import type { FieldPath } from '../../meta/field-path.ts';
import { type Pieces, shouldYield } from '../../util/breathe.ts';
import { isJSONObject, sortedKeys } from '../../util/json.ts';
import {
  additionalPropertiesSchemaOf,
  itemsOf,
  propertiesOf,
  schemaHas,
} from '../schema/json-schema-props.ts';
import { MapList } from '../schema/map-list.ts';
import { childOf, keyOf } from '../schema/paths.ts';
import type { CorrelatedObject } from '../validation/correlated-object.ts';
import { celSchemaOf } from './cel-schema.ts';
import { type CompiledRule, compileRules, SELF_TYPE_NAME } from './compile-rules.ts';
import { type EvaluableRule, evaluateRules, type RuleNode } from './evaluate-rules.ts';
import { Ratchet } from './ratchet.ts';

/** Collects the results for one object, and tracks its budget. */
export interface RuleRun {
  readonly errors: FieldError[];
  /** Violations that are tolerated because the old object has them. */
  readonly warnings: FieldError[];
  /** Negative if exhausted. */
  budget: number;
}

export interface RuleInput {
  readonly value: unknown;
  /** Undefined on creation. */
  readonly oldValue: unknown;
  /** Set for updates that tolerate existing violations. */
  readonly correlation?: CorrelatedObject | undefined;
  readonly budget?: number | undefined;
}

/** The rules of a schema, for whole resources or a part; undefined if there are none. */
export function* compileRuleValidator(
  schema: JSONSchemaProps,
  { isResourceRoot }: { readonly isResourceRoot: boolean },
): Pieces<RuleValidator | undefined> {
  if (!schemaHas(schema, (inner) => (inner['x-kubernetes-validations'] ?? []).length > 0)) return undefined;
  const celSchema = celSchemaOf(schema);
  const declared = declaredType(celSchema, SELF_TYPE_NAME, isResourceRoot);
  const node = yield* new RuleCompiler().compile(schema, { schema: celSchema, declared, isResourceRoot });
  return node && new RuleValidator(node);
}

export class RuleValidator {
  readonly #root: Node;

  constructor(root: Node) {
    this.#root = root;
  }

  /** If `path` is undefined, the value is a whole object. */
  *validate(
    path: FieldPath | undefined,
    { value, oldValue, correlation, budget }: RuleInput,
  ): Pieces<RuleRun> {
    const run: RuleRun = { errors: [], warnings: [], budget: budget ?? RUNTIME_COST_BUDGET };
    yield* this.#visit(this.#root, {
      path,
      value,
      oldValue,
      ratchet: new Ratchet(correlation, undefined),
      run,
    });
    return run;
  }

  *#visit(node: Node, visit: Visit): Pieces<void> {
    const { value, oldValue, run } = visit;
    if (value === null || value === undefined) return;
    if (shouldYield()) yield;
    if (node.rules.length > 0) yield* evaluateRules(node, visit);
    if (run.budget < 0) return;
    if (Array.isArray(value)) yield* this.#visitList(node, value, visit);
    else if (isJSONObject(value)) {
      yield* this.#visitObject(node, value, { ...visit, oldValue: isJSONObject(oldValue) ? oldValue : {} });
    }
  }

  *#visitList(node: Node, list: readonly unknown[], visit: Visit): Pieces<void> {
    const { items } = node;
    if (items === undefined) return;
    const { path, oldValue, ratchet, run } = visit;
    const old = new MapList(node, Array.isArray(oldValue) ? oldValue : []);
    for (let index = 0; index < list.length && run.budget >= 0; index++) {
      yield* this.#visit(items, {
        path: path!.index(index),
        value: list[index],
        oldValue: old.get(list[index]),
        ratchet: ratchet.index(index),
        run,
      });
    }
  }

  *#visitObject(node: Node, object: Record<string, unknown>, visit: Visit): Pieces<void> {
    const { path, ratchet, run } = visit;
    const oldObject = visit.oldValue as Record<string, unknown>;
    const { mapType } = node;
    const correlatable = mapType === undefined || mapType === 'granular' || mapType === 'atomic';
    for (const key of sortedKeys(object)) {
      if (run.budget < 0) return;
      const child = node.additionalProperties ?? node.properties.get(key);
      if (child === undefined) continue;
      yield* this.#visit(child, {
        path: child === node.additionalProperties ? keyOf(path, key) : childOf(path, key),
        value: object[key],
        oldValue: correlatable && Object.hasOwn(oldObject, key) ? oldObject[key] : undefined,
        ratchet: ratchet.key(key),
        run,
      });
    }
  }
}

export interface Visit {
  readonly path: FieldPath | undefined;
  readonly value: unknown;
  readonly oldValue: unknown;
  readonly ratchet: Ratchet;
  readonly run: RuleRun;
}

/** A node with rules at or below it; others are omitted. */
interface Node extends RuleNode {
  readonly listType: string | undefined;
  readonly listMapKeys: readonly string[];
  readonly mapType: string | undefined;
  readonly items: Node | undefined;
  readonly properties: ReadonlyMap<string, Node>;
  readonly additionalProperties: Node | undefined;
}

/** CEL's view of a node. `declared` is undefined for a node that expressions can't access. */
interface CelNode {
  readonly schema: CelSchema;
  readonly declared: DeclaredType | undefined;
  readonly isResourceRoot: boolean;
}

class RuleCompiler {
  /** Compiles a shared schema object once, separately for resource roots and other nodes. */
  readonly #known = [
    new Map<JSONSchemaProps, Node | undefined>(),
    new Map<JSONSchemaProps, Node | undefined>(),
  ];

  *compile(schema: JSONSchemaProps, cel: CelNode): Pieces<Node | undefined> {
    const known = this.#known[cel.isResourceRoot ? 1 : 0]!;
    // A node that expressions can't access here may be accessible elsewhere.
    if (cel.declared === undefined || !known.has(schema)) {
      const node = yield* this.#compile(schema, cel);
      if (cel.declared === undefined) return node;
      known.set(schema, node);
    }
    return known.get(schema);
  }

  *#compile(schema: JSONSchemaProps, cel: CelNode): Pieces<Node | undefined> {
    const rules = schema['x-kubernetes-validations'] ?? [];
    const { declared } = cel;
    const items = itemsOf(schema);
    const additional = additionalPropertiesSchemaOf(schema);
    if (shouldYield()) yield;
    const itemsNode = items && (yield* this.#child(items, cel.schema.items, declared?.element));
    const additionalNode =
      additional && (yield* this.#child(additional, cel.schema.additionalProperties, declared?.element));
    const properties = new Map<string, Node>();
    for (const [name, property] of propertiesOf(schema)) {
      const node = yield* this.#property(name, property, cel);
      if (node !== undefined) properties.set(name, node);
    }
    if (rules.length === 0 && !itemsNode && !additionalNode && properties.size === 0) return undefined;
    return {
      type: schema.type ?? '',
      schema: cel.isResourceRoot ? withTypeAndObjectMeta(cel.schema) : cel.schema,
      rules: declared === undefined ? [] : (yield* compileRules(rules, declared, schema)).map(withoutSource),
      listType: schema['x-kubernetes-list-type'],
      listMapKeys: schema['x-kubernetes-list-map-keys'] ?? [],
      mapType: schema['x-kubernetes-map-type'],
      items: itemsNode,
      properties,
      additionalProperties: additionalNode,
    };
  }

  *#child(
    schema: JSONSchemaProps,
    celSchema: CelSchema | boolean | undefined,
    declared: DeclaredType | undefined,
  ): Pieces<Node | undefined> {
    if (typeof celSchema !== 'object') return undefined;
    const isResourceRoot = schema['x-kubernetes-embedded-resource'] ?? false;
    return yield* this.compile(schema, { schema: celSchema, declared, isResourceRoot });
  }

  /** A property whose name can't be escaped isn't a field of its parent's type, but has a type of its own. */
  *#property(name: string, property: JSONSchemaProps, parent: CelNode): Pieces<Node | undefined> {
    const celSchema = propertyOf(parent.schema, name);
    if (celSchema === undefined) return undefined;
    const escaped = escapeName(name);
    const declared =
      escaped === undefined
        ? declaredType(celSchema, SELF_TYPE_NAME, property['x-kubernetes-embedded-resource'] ?? false)
        : parent.declared?.fields?.get(escaped);
    return declared && (yield* this.#child(property, celSchema, declared));
  }
}

/** Drops the type information of checked expressions, which evaluation doesn't need. */
function withoutSource(rule: CompiledRule): EvaluableRule {
  const { expression, message } = rule;
  return {
    ...rule,
    expression: expression && { source: expression.source, program: expression.program },
    message: message && { source: message.source, program: message.program },
  };
}

/**
 * The validation rules that apply to a definition. Existing violations of newer rules are tolerated
 * (https://github.com/kubernetes/apiextensions-apiserver/blob/master/pkg/apis/apiextensions/validation/validation.go).
 */

import { isConditionTrue } from '../../apis/apiextensions/conditions.ts';
import { type Definition, versionsOf } from '../../apis/apiextensions/definition.ts';
import type { JSONSchemaProps } from '../../apis/apiextensions/v1/types.ts';
import { semanticDeepEqual } from '../../meta/deep-equal.ts';
import { FieldPath } from '../../meta/field-path.ts';
import { validateCABundle } from '../../meta/validation/webhook-client.ts';
import type { Pieces } from '../../util/breathe.ts';
import { schemaHas } from '../schema/json-schema-props.ts';
import { structuralError } from '../schema/structural.ts';
import { validateStructural } from '../schema/structural-validation.ts';
import { hasUnprunedDefaults } from './default-validation.ts';
import { schemasOf } from './definition-schemas.ts';
import { isInvalidMapOrSet, isNonAtomicSet, OPENAPI_TYPES } from './schema-rules.ts';
import type { SchemaTools } from './schema-tools.ts';

export interface DefinitionOptions {
  readonly allowDefaults: boolean;
  readonly disallowDefaultsReason: string;
  readonly requireRecognizedConversionReviewVersion: boolean;
  readonly requireImmutableNames: boolean;
  readonly requireOpenAPISchema: boolean;
  readonly requireValidPropertyType: boolean;
  readonly requireStructuralSchema: boolean;
  readonly requirePrunedDefaults: boolean;
  readonly requireAtomicSetType: boolean;
  readonly requireMapListKeysMapSetValidation: boolean;
  readonly allowInvalidCABundle: boolean;
  /** Rules and message expressions of the existing definition. */
  readonly preexistingExpressions: ReadonlySet<string>;
  readonly versionsWithUnchangedSchemas: ReadonlySet<string>;
  /** Versions that have too many selectable fields and whose fields haven't changed. */
  readonly versionsWithTooManySelectableFields: ReadonlySet<string>;
}

/** For definitions sent as v1. */
const STRICT: DefinitionOptions = {
  allowDefaults: true,
  disallowDefaultsReason: '',
  requireRecognizedConversionReviewVersion: true,
  requireImmutableNames: false,
  requireOpenAPISchema: true,
  requireValidPropertyType: true,
  requireStructuralSchema: true,
  requirePrunedDefaults: true,
  requireAtomicSetType: true,
  requireMapListKeysMapSetValidation: true,
  allowInvalidCABundle: true,
  preexistingExpressions: new Set(),
  versionsWithUnchangedSchemas: new Set(),
  versionsWithTooManySelectableFields: new Set(),
};

/** Rules that v1beta1 relaxes, as of Kubernetes 1.20, the last but one release to serve it. */
const V1BETA1: Partial<DefinitionOptions> = {
  allowDefaults: false,
  disallowDefaultsReason:
    '(cannot set default values in apiextensions.k8s.io/v1beta1 CRDs, must use apiextensions.k8s.io/v1)',
  requireOpenAPISchema: false,
  requireValidPropertyType: false,
  requireStructuralSchema: false,
};

export const MAX_SELECTABLE_FIELDS = 8;

/** `version` is the API version in which the definition was sent. */
export function createOptions(version: string): DefinitionOptions {
  return version === 'v1beta1' ? { ...STRICT, ...V1BETA1 } : STRICT;
}

export function* updateOptions(
  version: string,
  definition: Definition,
  old: Definition,
  tools: SchemaTools,
): Pieces<DefinitionOptions> {
  const { spec } = old;
  const reviewVersions = spec.conversion?.webhook?.conversionReviewVersions ?? [];
  const schemas = schemasOf(spec);
  const none = (predicate: (schema: JSONSchemaProps) => boolean): boolean =>
    !schemas.some((schema) => schemaHas(schema, predicate));
  const base = createOptions(version);
  const hadDefaults = !none((schema) => schema.default != null);
  let wereStructural = true;
  let werePruned = true;
  for (const schema of schemas) {
    wereStructural &&= yield* isStructural(schema, tools);
    werePruned &&= !hasUnprunedDefaults(schema, tools);
    yield;
  }
  return {
    ...base,
    allowDefaults: base.allowDefaults || hadDefaults,
    requireRecognizedConversionReviewVersion:
      reviewVersions.length === 0 || reviewVersions.some(isRecognizedReviewVersion),
    requireImmutableNames: isConditionTrue(old.status, 'Established'),
    requireOpenAPISchema:
      base.requireOpenAPISchema && versionsOf(spec).every(({ schema }) => schema?.openAPIV3Schema),
    requireValidPropertyType:
      base.requireValidPropertyType && none(({ type }) => Boolean(type) && !OPENAPI_TYPES.includes(type!)),
    requireStructuralSchema: base.requireStructuralSchema && wereStructural,
    requirePrunedDefaults: werePruned,
    requireAtomicSetType: none(isNonAtomicSet),
    requireMapListKeysMapSetValidation: none(isInvalidMapOrSet),
    allowInvalidCABundle: allowsInvalidCABundle(old),
    preexistingExpressions: expressionsOf(schemas),
    versionsWithUnchangedSchemas: unchangedVersions(definition, old, ({ schema }) => schema),
    versionsWithTooManySelectableFields: new Set(
      [...unchangedVersions(definition, old, ({ selectableFields }) => selectableFields)].filter(
        (name) => selectableCount(old, name) > MAX_SELECTABLE_FIELDS,
      ),
    ),
  };
}

export const isRecognizedReviewVersion = (version: string): boolean =>
  version === 'v1' || version === 'v1beta1';

export function* isStructural(schema: JSONSchemaProps, { regexp }: SchemaTools): Pieces<boolean> {
  return (
    structuralError(schema) === undefined &&
    (yield* validateStructural(FieldPath.of('schema'), schema, regexp)).length === 0
  );
}

function allowsInvalidCABundle(old: Definition): boolean {
  if (!isConditionTrue(old.status, 'Established')) return true;
  return validateCABundle('caBundle', old.spec.conversion?.webhook?.clientConfig?.caBundle).length > 0;
}

function expressionsOf(schemas: readonly JSONSchemaProps[]): Set<string> {
  const expressions = new Set<string>();
  for (const schema of schemas) {
    schemaHas(schema, ({ 'x-kubernetes-validations': rules = [] }) => {
      for (const { rule, messageExpression } of rules) {
        expressions.add(rule);
        if (messageExpression) expressions.add(messageExpression);
      }
      return false;
    });
  }
  return expressions;
}

type Version = ReturnType<typeof versionsOf>[number];

function unchangedVersions(
  definition: Definition,
  old: Definition,
  part: (version: Version) => unknown,
): Set<string> {
  const before = new Map(versionsOf(old.spec).map((version) => [version.name, version]));
  const unchanged = versionsOf(definition.spec).filter((version) => {
    const previous = before.get(version.name);
    return previous !== undefined && semanticDeepEqual(part(version), part(previous));
  });
  return new Set(unchanged.map(({ name }) => name));
}

const selectableCount = (definition: Definition, name: string): number =>
  versionsOf(definition.spec).find((version) => version.name === name)?.selectableFields?.length ?? 0;

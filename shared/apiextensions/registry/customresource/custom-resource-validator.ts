/**
 * Validates custom resources of one version
 * (https://github.com/kubernetes/apiextensions-apiserver/blob/master/pkg/registry/customresource/validator.go).
 * Metadata is validated by whoever asks.
 */

import type { CustomResourceSubresourceScale } from '../../../apis/apiextensions/v1/types.ts';
import { type FieldError, invalid } from '../../../meta/field-error.ts';
import { FieldPath } from '../../../meta/field-path.ts';
import type { UnstructuredObject } from '../../../meta/kube-object.ts';
import { formatGroupVersion, type GroupVersionKind } from '../../../runtime/group-version.ts';
import { appendAll } from '../../../util/append-all.ts';
import type { RuleValidator } from '../../rules/rule-validator.ts';
import { validateListSetsAndMaps } from '../../schema/list-types.ts';
import type { ObjectMetaCoercer } from '../../schema/object-meta.ts';
import { ROOT } from '../../schema/paths.ts';
import { EMPTY_STRUCTURAL, type Structural } from '../../schema/structural.ts';
import { CorrelatedObject } from '../../validation/correlated-object.ts';
import type { SchemaValidator } from '../../validation/schema-validator.ts';
import { validateScaleSpec, validateScaleStatus } from './scale-paths.ts';

export interface CustomResourceValidatorOptions {
  readonly kind: GroupVersionKind;
  /** Undefined: the version has no schema. */
  readonly structural: Structural | undefined;
  readonly schema: SchemaValidator | undefined;
  /** Of the status alone. */
  readonly status: SchemaValidator | undefined;
  readonly rules: RuleValidator | undefined;
  readonly scale: CustomResourceSubresourceScale | undefined;
  readonly objectMeta: ObjectMetaCoercer;
}

/** What is found, and what is let stand because it was there before. */
export interface ValidationOutcome {
  readonly errors: FieldError[];
  readonly warnings: readonly FieldError[];
}

const KIND = FieldPath.of('kind');
const API_VERSION = FieldPath.of('apiVersion');
const STATUS = FieldPath.of('status');

/** Errors after which rules would be evaluated on values of other types than they were written for. */
const BLOCKING: ReadonlySet<string> = new Set([
  'FieldValueNotSupported',
  'FieldValueRequired',
  'FieldValueTooLong',
  'FieldValueTooMany',
  'FieldValueTypeInvalid',
]);
const UNCHECKED =
  'some validation rules were not checked because the object was invalid; correct the existing errors to complete validation';

export class CustomResourceValidator {
  readonly #options: CustomResourceValidatorOptions;

  constructor(options: CustomResourceValidatorOptions) {
    this.#options = options;
  }

  validate(object: UnstructuredObject): ValidationOutcome {
    const typeErrors = this.#validateType(object);
    if (typeErrors.length > 0) return { errors: typeErrors, warnings: [] };
    const { schema, scale, structural, objectMeta } = this.#options;
    const errors = [
      ...(schema?.validate(undefined, object) ?? []),
      ...(scale === undefined
        ? []
        : [...validateScaleSpec(object, scale), ...validateScaleStatus(object, scale)]),
      ...objectMeta.validate(undefined, object, structural),
      ...validateListSetsAndMaps(undefined, structural, object),
    ];
    return this.#validateRules(errors, object, undefined, undefined);
  }

  validateUpdate(object: UnstructuredObject, old: UnstructuredObject): ValidationOutcome {
    const typeErrors = this.#validateType(object);
    if (typeErrors.length > 0) return { errors: typeErrors, warnings: [] };
    const { schema, scale, structural, objectMeta } = this.#options;
    const correlation = this.#correlation(object, old);
    const errors = [
      ...(schema?.validateUpdate(undefined, object, correlation) ?? []),
      ...(scale === undefined
        ? []
        : [...validateScaleSpec(object, scale), ...validateScaleStatus(object, scale)]),
      ...objectMeta.validate(undefined, object, structural),
      ...this.#validateLists(object, old),
    ];
    return this.#validateRules(errors, object, old, correlation);
  }

  validateStatusUpdate(object: UnstructuredObject, old: UnstructuredObject): ValidationOutcome {
    const typeErrors = this.#validateType(object);
    if (typeErrors.length > 0) return { errors: typeErrors, warnings: [] };
    const { status, scale } = this.#options;
    const correlation = this.#correlation(object, old);
    const errors: FieldError[] = [];
    if (status !== undefined && Object.hasOwn(object, 'status')) {
      appendAll(errors, status.validateUpdate(STATUS, object['status'], correlation.key('status')));
    }
    if (scale !== undefined) appendAll(errors, validateScaleStatus(object, scale));
    appendAll(errors, this.#validateLists(object, old));
    return this.#validateRules(errors, object, old, correlation);
  }

  #validateType({ kind = '', apiVersion = '' }: UnstructuredObject): FieldError[] {
    const expected = this.#options.kind;
    const version = formatGroupVersion(expected);
    return [
      ...(kind === expected.kind ? [] : [invalid(KIND, kind, `must be ${expected.kind}`)]),
      ...(apiVersion === version ? [] : [invalid(API_VERSION, apiVersion, `must be ${version}`)]),
    ];
  }

  #correlation(object: UnstructuredObject, old: UnstructuredObject): CorrelatedObject {
    return new CorrelatedObject(object, old, this.#options.structural ?? EMPTY_STRUCTURAL);
  }

  /** Lists that were wrong before may stay so. */
  #validateLists(object: UnstructuredObject, old: UnstructuredObject): FieldError[] {
    const { structural } = this.#options;
    const errors = validateListSetsAndMaps(undefined, structural, object);
    if (errors.length === 0 || validateListSetsAndMaps(undefined, structural, old).length > 0) return [];
    return errors;
  }

  #validateRules(
    errors: FieldError[],
    value: UnstructuredObject,
    oldValue: UnstructuredObject | undefined,
    correlation: CorrelatedObject | undefined,
  ): ValidationOutcome {
    const { rules } = this.#options;
    if (rules === undefined) return { errors, warnings: [] };
    if (errors.some(({ type }) => BLOCKING.has(type))) {
      errors.push(invalid(ROOT, null, UNCHECKED));
      return { errors, warnings: [] };
    }
    const run = rules.validate(undefined, { value, oldValue, correlation });
    return { errors: [...errors, ...run.errors], warnings: run.warnings };
  }
}

/**
 * Validates custom resources of one version
 * (https://github.com/kubernetes/apiextensions-apiserver/blob/master/pkg/registry/customresource/validator.go). The
 * caller validates metadata.
 */

import type { CustomResourceSubresourceScale } from '../../../apis/apiextensions/v1/types.ts';
import { type FieldError, invalid } from '../../../meta/field-error.ts';
import { FieldPath } from '../../../meta/field-path.ts';
import type { UnstructuredObject } from '../../../meta/kube-object.ts';
import { formatGroupVersion, type GroupVersionKind } from '../../../runtime/group-version.ts';
import { appendAll } from '../../../util/append-all.ts';
import { inPieces, type Pieces } from '../../../util/breathe.ts';
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
  /** Undefined if the version has no schema. */
  readonly structural: Structural | undefined;
  readonly schema: SchemaValidator | undefined;
  /** Validates the status only. */
  readonly status: SchemaValidator | undefined;
  readonly rules: RuleValidator | undefined;
  readonly scale: CustomResourceSubresourceScale | undefined;
  readonly objectMeta: ObjectMetaCoercer;
}

/** Errors, and warnings for violations that are tolerated because the old object has them. */
export interface ValidationOutcome {
  readonly errors: FieldError[];
  readonly warnings: readonly FieldError[];
}

const KIND = FieldPath.of('kind');
const API_VERSION = FieldPath.of('apiVersion');
const STATUS = FieldPath.of('status');

/** Errors after which rules aren't evaluated, because values may not have the expected types. */
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

  validate(object: UnstructuredObject): ValidationOutcome | Promise<ValidationOutcome> {
    return this.#run(object, () => this.#validate(object));
  }

  validateUpdate(
    object: UnstructuredObject,
    old: UnstructuredObject,
  ): ValidationOutcome | Promise<ValidationOutcome> {
    return this.#run(object, () => this.#validateUpdate(object, old));
  }

  validateStatusUpdate(
    object: UnstructuredObject,
    old: UnstructuredObject,
  ): ValidationOutcome | Promise<ValidationOutcome> {
    return this.#run(object, () => this.#validateStatusUpdate(object, old));
  }

  #run(
    object: UnstructuredObject,
    work: () => Pieces<ValidationOutcome>,
  ): ValidationOutcome | Promise<ValidationOutcome> {
    const typeErrors = this.#validateType(object);
    return typeErrors.length > 0 ? { errors: typeErrors, warnings: [] } : inPieces(work());
  }

  *#validate(object: UnstructuredObject): Pieces<ValidationOutcome> {
    const { schema, structural } = this.#options;
    const errors = schema === undefined ? [] : yield* schema.validate(undefined, object);
    this.#validateOthers(errors, object);
    appendAll(errors, yield* validateListSetsAndMaps(undefined, structural, object));
    return yield* this.#validateRules(errors, object, undefined, undefined);
  }

  *#validateUpdate(object: UnstructuredObject, old: UnstructuredObject): Pieces<ValidationOutcome> {
    const { schema } = this.#options;
    const correlation = this.#correlation(object, old);
    const errors = schema === undefined ? [] : yield* schema.validateUpdate(undefined, object, correlation);
    this.#validateOthers(errors, object);
    appendAll(errors, yield* this.#validateLists(object, old));
    return yield* this.#validateRules(errors, object, old, correlation);
  }

  *#validateStatusUpdate(object: UnstructuredObject, old: UnstructuredObject): Pieces<ValidationOutcome> {
    const { status, scale } = this.#options;
    const correlation = this.#correlation(object, old);
    const errors =
      status !== undefined && Object.hasOwn(object, 'status')
        ? yield* status.validateUpdate(STATUS, object['status'], correlation.key('status'))
        : [];
    if (scale !== undefined) appendAll(errors, validateScaleStatus(object, scale));
    appendAll(errors, yield* this.#validateLists(object, old));
    return yield* this.#validateRules(errors, object, old, correlation);
  }

  /** Validates the scale and embedded metadata. */
  #validateOthers(errors: FieldError[], object: UnstructuredObject): void {
    const { scale, structural, objectMeta } = this.#options;
    if (scale !== undefined) {
      appendAll(errors, validateScaleSpec(object, scale), validateScaleStatus(object, scale));
    }
    appendAll(errors, objectMeta.validate(undefined, object, structural));
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

  /** Violations of list types in the old object are tolerated. */
  *#validateLists(object: UnstructuredObject, old: UnstructuredObject): Pieces<FieldError[]> {
    const { structural } = this.#options;
    const errors = yield* validateListSetsAndMaps(undefined, structural, object);
    if (errors.length === 0) return errors;
    const before = yield* validateListSetsAndMaps(undefined, structural, old);
    return before.length > 0 ? [] : errors;
  }

  *#validateRules(
    errors: FieldError[],
    value: UnstructuredObject,
    oldValue: UnstructuredObject | undefined,
    correlation: CorrelatedObject | undefined,
  ): Pieces<ValidationOutcome> {
    const { rules } = this.#options;
    if (rules === undefined) return { errors, warnings: [] };
    if (errors.some(({ type }) => BLOCKING.has(type))) {
      errors.push(invalid(ROOT, null, UNCHECKED));
      return { errors, warnings: [] };
    }
    const run = yield* rules.validate(undefined, { value, oldValue, correlation });
    return { errors: errors.concat(run.errors), warnings: run.warnings };
  }
}

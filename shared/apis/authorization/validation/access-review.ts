/** https://github.com/kubernetes/kubernetes/blob/master/pkg/apis/authorization/validation/validation.go */

import { semanticDeepEqual } from '../../../meta/deep-equal.ts';
import { type FieldError, invalid, required } from '../../../meta/field-error.ts';
import { FieldPath } from '../../../meta/field-path.ts';
import { metadataInOrder } from '../../../meta/metadata-order.ts';
import type { ObjectMeta } from '../../../meta/v1/types.ts';
import {
  validateFieldSelectorRequirement,
  validateLabelSelectorRequirement,
} from '../../../meta/validation/label-selector.ts';
import { appendAll } from '../../../util/append-all.ts';
import type {
  LocalSubjectAccessReview,
  NonResourceAttributes,
  ResourceAttributes,
  SelfSubjectAccessReview,
  SubjectAccessReview,
} from '../v1/types.ts';

const SPEC = FieldPath.of('spec');

interface SelectorAttributes<R> {
  readonly rawSelector?: string | undefined;
  readonly requirements?: R[] | undefined;
}

function validateSelector<R>(
  selector: SelectorAttributes<R> | undefined,
  path: FieldPath,
  validateRequirement: (requirement: R, path: FieldPath) => FieldError[],
): FieldError[] {
  if (selector === undefined) return [];
  const { rawSelector = '', requirements = [] } = selector;
  const errors: FieldError[] = [];
  if (rawSelector !== '' && requirements.length > 0) {
    const detail = 'may not specified at the same time as requirements';
    errors.push(invalid(path.child('rawSelector'), rawSelector, detail));
  }
  if (rawSelector === '' && requirements.length === 0) {
    const detail = `when ${path} is specified, requirements or rawSelector is required`;
    errors.push(required(path.child('requirements'), detail));
  }
  requirements.forEach((requirement, index) => {
    appendAll(errors, validateRequirement(requirement, path.child('requirements').index(index)));
  });
  return errors;
}

/** Clients may be newer than the server. Requirements with unknown operators are ignored and reported. */
const options = { allowUnknownOperatorInRequirement: true };

function validateAttributes(spec: {
  readonly resourceAttributes?: ResourceAttributes | undefined;
  readonly nonResourceAttributes?: NonResourceAttributes | undefined;
}): FieldError[] {
  const { resourceAttributes, nonResourceAttributes } = spec;
  if (Boolean(resourceAttributes) !== Boolean(nonResourceAttributes)) return [];
  // Go's encoding of the internal form.
  const shown = nonResourceAttributes
    ? { Path: nonResourceAttributes.path ?? '', Verb: nonResourceAttributes.verb ?? '' }
    : null;
  const detail = 'exactly one of nonResourceAttributes or resourceAttributes must be specified';
  return [invalid(SPEC, shown, detail)];
}

function validateSelectors(attributes: ResourceAttributes | undefined): FieldError[] {
  const path = SPEC.child('resourceAttributes');
  return [
    ...validateSelector(attributes?.fieldSelector, path.child('fieldSelector'), (requirement, at) =>
      validateFieldSelectorRequirement(requirement, at, options),
    ),
    ...validateSelector(attributes?.labelSelector, path.child('labelSelector'), (requirement, at) =>
      validateLabelSelectorRequirement(requirement, at, options),
    ),
  ];
}

function validateMetadata(
  metadata: ObjectMeta,
  ignored: keyof ObjectMeta | undefined,
  detail: string,
): FieldError[] {
  const { managedFields: _managedFields, ...rest } = metadata;
  if (ignored !== undefined) delete rest[ignored as keyof typeof rest];
  return semanticDeepEqual(rest, {})
    ? []
    : [invalid(FieldPath.of('metadata'), metadataInOrder(metadata), detail)];
}

function validateSpec({ spec }: SubjectAccessReview | LocalSubjectAccessReview): FieldError[] {
  const errors = validateAttributes(spec);
  if (!spec.user && !spec.groups?.length) {
    const detail = 'at least one of user or group must be specified';
    errors.push(invalid(SPEC.child('user'), spec.user ?? '', detail));
  }
  return [...errors, ...validateSelectors(spec.resourceAttributes)];
}

export function validateSubjectAccessReview(review: SubjectAccessReview): FieldError[] {
  return [...validateSpec(review), ...validateMetadata(review.metadata, undefined, 'must be empty')];
}

export function validateSelfSubjectAccessReview({ spec, metadata }: SelfSubjectAccessReview): FieldError[] {
  return [
    ...validateAttributes(spec),
    ...validateSelectors(spec.resourceAttributes),
    ...validateMetadata(metadata, undefined, 'must be empty'),
  ];
}

export function validateLocalSubjectAccessReview(review: LocalSubjectAccessReview): FieldError[] {
  const { spec, metadata } = review;
  const errors = [
    ...validateSpec(review),
    ...validateMetadata(metadata, 'namespace', 'must be empty except for namespace'),
  ];
  const namespace = spec.resourceAttributes?.namespace ?? '';
  if (spec.resourceAttributes && namespace !== (metadata.namespace ?? '')) {
    errors.push(invalid('spec.resourceAttributes.namespace', namespace, 'must match metadata.namespace'));
  }
  if (spec.nonResourceAttributes) {
    const detail = 'disallowed on this kind of request';
    const { path: Path = '', verb: Verb = '' } = spec.nonResourceAttributes;
    errors.push(invalid('spec.nonResourceAttributes', { Path, Verb }, detail));
  }
  return errors;
}

/**
 * Rules for the options of requests (apimachinery `pkg/apis/meta/v1/validation/validation.go` and
 * `pkg/apis/meta/internalversion/validation/validation.go`).
 */

import { type FieldError, forbidden, invalid, notSupported, required } from '../field-error.ts';
import type { CreateOptions, DeleteOptions, ListOptions, PatchOptions, TableOptions } from '../v1/types.ts';
import { validateFieldManager } from './object-meta.ts';

const PROPAGATION_POLICIES = ['Foreground', 'Background', 'Orphan'];
const FIELD_VALIDATIONS = ['', 'Ignore', 'Strict', 'Warn'];
const INCLUDE_OBJECT = ['', 'Metadata', 'None', 'Object'];

function validateDryRun(dryRun: readonly string[] | undefined): FieldError[] {
  const bad = (dryRun ?? []).some((value) => value !== 'All');
  return bad ? [notSupported('dryRun', dryRun, ['All'])] : [];
}

function validateFieldValidation(fieldValidation: string | undefined): FieldError[] {
  if (FIELD_VALIDATIONS.includes(fieldValidation ?? '')) return [];
  return [notSupported('fieldValidation', fieldValidation, FIELD_VALIDATIONS)];
}

/** Also UpdateOptions, which have the same fields. */
export function validateCreateOptions(options: CreateOptions): FieldError[] {
  return [
    ...validateFieldManager(options.fieldManager, 'fieldManager'),
    ...validateDryRun(options.dryRun),
    ...validateFieldValidation(options.fieldValidation),
  ];
}

/** `isApply`: the patch is a server-side apply. */
export function validatePatchOptions(options: PatchOptions, isApply: boolean): FieldError[] {
  const errors: FieldError[] = [];
  if (isApply) {
    if (!options.fieldManager) errors.push(required('fieldManager', 'is required for apply patch'));
  } else if (options.force !== undefined) {
    errors.push(forbidden('force', 'may not be specified for non-apply patch'));
  }
  return [...errors, ...validateCreateOptions(options)];
}

export function validateDeleteOptions(options: DeleteOptions): FieldError[] {
  const { orphanDependents, propagationPolicy } = options;
  const errors: FieldError[] = [];
  if (propagationPolicy !== undefined) {
    if (orphanDependents !== undefined) {
      const detail = 'orphanDependents and deletionPropagation cannot be both set';
      errors.push(invalid('propagationPolicy', propagationPolicy, detail));
    }
    if (!PROPAGATION_POLICIES.includes(propagationPolicy)) {
      const supported = [...PROPAGATION_POLICIES, 'nil'];
      errors.push(notSupported('propagationPolicy', propagationPolicy, supported));
    }
  }
  return [...errors, ...validateDryRun(options.dryRun), ...validateIgnoreStoreReadError(options)];
}

const NOT_TOGETHER = [
  'propagationPolicy',
  'orphanDependents',
  'gracePeriodSeconds',
  'preconditions',
] as const;

function validateIgnoreStoreReadError(options: DeleteOptions): FieldError[] {
  if (!options.ignoreStoreReadErrorWithClusterBreakingPotential) return [];
  return NOT_TOGETHER.filter((field) => options[field] !== undefined).map((field) =>
    invalid(
      'ignoreStoreReadErrorWithClusterBreakingPotential',
      true,
      `cannot be set together with .${field}`,
    ),
  );
}

/** The fields of ListOptions that depend on each other. */
export type ListOptionFields = Pick<
  ListOptions,
  'watch' | 'resourceVersion' | 'resourceVersionMatch' | 'continue' | 'sendInitialEvents'
>;

const MATCH = 'resourceVersionMatch';
const MATCH_WITH_CONTINUE = 'resourceVersionMatch is forbidden when continue is provided';

export function validateListOptions(options: ListOptionFields): FieldError[] {
  return options.watch ? validateWatch(options) : validateList(options);
}

function validateList(options: ListOptionFields): FieldError[] {
  const { resourceVersion, resourceVersionMatch: match, sendInitialEvents } = options;
  const errors: FieldError[] = [];
  if (match) {
    if (!resourceVersion) {
      errors.push(forbidden(MATCH, 'resourceVersionMatch is forbidden unless resourceVersion is provided'));
    }
    if (options.continue) errors.push(forbidden(MATCH, MATCH_WITH_CONTINUE));
    if (match !== 'Exact' && match !== 'NotOlderThan') {
      errors.push(notSupported(MATCH, match, ['Exact', 'NotOlderThan', '']));
    }
    if (match === 'Exact' && resourceVersion === '0') {
      const detail = 'resourceVersionMatch "exact" is forbidden for resourceVersion "0"';
      errors.push(forbidden(MATCH, detail));
    }
  }
  if (sendInitialEvents !== undefined) {
    errors.push(forbidden('sendInitialEvents', 'sendInitialEvents is forbidden for list'));
  }
  return errors;
}

function validateWatch(options: ListOptionFields): FieldError[] {
  const { resourceVersionMatch: match, sendInitialEvents } = options;
  const errors: FieldError[] = [];
  if (sendInitialEvents !== undefined && match !== 'NotOlderThan') {
    const detail = 'sendInitialEvents requires setting resourceVersionMatch to NotOlderThan';
    errors.push(forbidden(MATCH, detail));
  }
  if (!match) return errors;
  if (sendInitialEvents === undefined) {
    const detail = 'resourceVersionMatch is forbidden for watch unless sendInitialEvents is provided';
    errors.push(forbidden(MATCH, detail));
  }
  if (match !== 'NotOlderThan') errors.push(notSupported(MATCH, match, ['NotOlderThan']));
  if (options.continue) errors.push(forbidden(MATCH, MATCH_WITH_CONTINUE));
  return errors;
}

export function validateTableOptions({ includeObject }: TableOptions): FieldError[] {
  if (INCLUDE_OBJECT.includes(includeObject ?? '')) return [];
  const detail = "must be 'Metadata', 'Object', 'None', or empty";
  return [invalid('includeObject', includeObject, detail)];
}

/**
 * Implementations of the rules that types can declare
 * (https://github.com/kubernetes/kubernetes/tree/master/staging/src/k8s.io/apimachinery/pkg/api/validate).
 */

import {
  duplicate,
  type FieldError,
  forbidden,
  invalid,
  notSupported,
  required,
  tooLong,
  tooLongCharacters,
  tooMany,
} from '../../meta/field-error.ts';
import type { FieldPath } from '../../meta/field-path.ts';
import { immutableError, minimumError } from '../../meta/validation/declarative.ts';
import { byteLength } from '../../meta/validation/format.ts';
import type { DeclaredField, DeclaredRule } from './declared-rule.ts';
import type { ElementIndex } from './element-index.ts';
import { formatErrors } from './formats.ts';

/** The input of a rule. */
export interface RuleSubject {
  readonly path: FieldPath;
  readonly field: DeclaredField;
  readonly value: unknown;
  readonly old: unknown;
  readonly update: boolean;
  readonly elements: ElementIndex;
  /** Whether an option that rules refer to, which is a feature gate, is enabled. */
  enabled(option: string): boolean;
}

/** The errors, and whether the field's other rules are skipped. */
export interface Verdict {
  readonly errors: readonly FieldError[];
  readonly stop?: boolean;
}

type Rule = (subject: RuleSubject, ...args: never[]) => Verdict | undefined;

/** Whether a value is Go's representation of an unset one. */
export function isUnset(value: unknown, { ptr, container }: DeclaredField): boolean {
  if (value === undefined || value === null) return true;
  if (container !== undefined) return Object.keys(value).length === 0;
  return !ptr && (value === '' || value === 0 || value === false);
}

const stop = (...errors: FieldError[]): Verdict => ({ errors, stop: true });

function items({ value }: Pick<RuleSubject, 'value'>): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

/** The old element; undefined if it is new, or if the list's elements have no identity. */
export function elementBefore(
  { field, old, elements }: Pick<RuleSubject, 'field' | 'old' | 'elements'>,
  element: unknown,
): unknown {
  const { keys, rules = [] } = field;
  const isIdentified = keys !== undefined || rules.some((rule) => withoutStage(rule)[0] === 'unique');
  return isIdentified ? elements.find(items({ value: old }), element, keys) : undefined;
}

const withoutStage = (rule: DeclaredRule): DeclaredRule =>
  rule[0] === 'beta' ? (rule[1] as DeclaredRule) : rule;

const TRANSITIONS: Readonly<Record<string, (subject: RuleSubject) => FieldError[]>> = {
  NoSet: ({ value, old, field, path }) =>
    isUnset(old, field) && !isUnset(value, field)
      ? [invalid(path, null, 'field cannot be set once created')]
      : [],
  NoUnset: ({ value, old, field, path }) =>
    !isUnset(old, field) && isUnset(value, field)
      ? [invalid(path, null, 'field cannot be cleared once set')]
      : [],
  NoModify: ({ value, old, field, path }) =>
    isUnset(old, field) || isUnset(value, field)
      ? []
      : [invalid(path, null, 'field cannot be modified once set')],
  NoAddItem: (subject) =>
    items(subject).flatMap((item, index) =>
      subject.elements.place(items({ value: subject.old }), item, subject.field.keys) < 0
        ? [forbidden(subject.path.index(index), 'item may not be added')]
        : [],
    ),
  NoRemoveItem: (subject) =>
    items({ value: subject.old }).flatMap((item) =>
      subject.elements.place(items(subject), item, subject.field.keys) < 0
        ? [forbidden(subject.path, 'item may not be removed')]
        : [],
    ),
};

function conditional(subject: RuleSubject, applies: boolean, rule: DeclaredRule): Verdict | undefined {
  return applies ? applyRule(subject, rule) : undefined;
}

const RULES: Readonly<Record<string, Rule>> = {
  // Upstream only counts these errors.
  alpha: (subject, rule: DeclaredRule) => {
    const verdict = applyRule(subject, rule);
    return verdict && { ...verdict, errors: [] };
  },
  // With betas off, the errors are dropped, but they still end the validation of a field.
  beta: (subject, rule: DeclaredRule) => {
    const verdict = applyRule(subject, rule);
    return subject.enabled('DeclarativeValidationBeta') ? verdict : verdict && { ...verdict, errors: [] };
  },
  eachKey: (subject, rule: DeclaredRule) => ({
    errors: Object.keys(subject.value as object)
      .filter((key) => !subject.update || !Object.hasOwn((subject.old ?? {}) as object, key))
      .sort()
      .flatMap((key) => applyRule({ ...subject, value: key, old: undefined, field: {} }, rule)?.errors ?? []),
  }),
  eachVal: (subject, rule: DeclaredRule) => ({
    errors: items(subject).flatMap((value, index) => {
      const old = elementBefore(subject, value);
      if (subject.update && old !== undefined) return [];
      return (
        applyRule({ ...subject, path: subject.path.index(index), value, old, field: {} }, rule)?.errors ?? []
      );
    }),
  }),
  enum: ({ path, value }, values: readonly string[]) => ({
    errors: values.includes(value as string) ? [] : [notSupported(path, value, values)],
  }),
  forbidden: ({ path, value, field }) => (isUnset(value, field) ? stop() : stop(forbidden(path, ''))),
  format: ({ path, value }, format: string) => ({ errors: formatErrors(format, path, value as string) }),
  ifDisabled: (subject, option: string, rule: DeclaredRule) =>
    conditional(subject, !subject.enabled(option), rule),
  ifEnabled: (subject, option: string, rule: DeclaredRule) =>
    conditional(subject, subject.enabled(option), rule),
  immutable: ({ path, update }) => (update ? stop(immutableError(path)) : undefined),
  maxBytes: ({ path, value }, max: number) => ({
    errors: byteLength(value as string) > max ? [tooLong(path, max)] : [],
  }),
  maximum: ({ path, value }, max: number) => ({
    errors: (value as number) > max ? [invalid(path, value, `must be less than or equal to ${max}`)] : [],
  }),
  maxItems: (subject, max: number) =>
    items(subject).length > max ? stop(tooMany(subject.path, items(subject).length, max)) : undefined,
  maxLength: ({ path, value }, max: number) => ({
    errors: [...(value as string)].length > max ? [tooLongCharacters(path, max)] : [],
  }),
  minimum: ({ path, value }, min: number) => ({
    errors: (value as number) < min ? [minimumError(path, value as number, min)] : [],
  }),
  monotonic: ({ path, value, old, update }) => ({
    errors:
      update && typeof old === 'number' && (value as number) < old
        ? [invalid(path, value, `may not be decreased from ${old}`)]
        : [],
  }),
  optional: ({ value, field }) => (isUnset(value, field) ? stop() : undefined),
  required: ({ path, value, field }) => (isUnset(value, field) ? stop(required(path, '')) : undefined),
  unique: (subject) => ({
    errors: items(subject).flatMap((item, index) => {
      const first = subject.elements.place(items(subject), item, subject.field.keys);
      return first === index ? [] : [duplicate(subject.path.index(index), item)];
    }),
  }),
  update: (subject, ...transitions: readonly string[]) => {
    const errors = subject.update ? transitions.flatMap((name) => TRANSITIONS[name]!(subject)) : [];
    return errors.length > 0 ? stop(...errors) : undefined;
  },
};

/** Used by the importer before it writes a rule. */
export const isKnownRule = (name: string): boolean => Object.hasOwn(RULES, name);

/** Sets the rule's name as the origin of errors. */
export function applyRule(subject: RuleSubject, [name, ...args]: DeclaredRule): Verdict | undefined {
  const verdict = RULES[name]!(subject, ...(args as never[]));
  if (verdict === undefined || verdict.errors.length === 0) return verdict;
  return { ...verdict, errors: verdict.errors.map((error) => ({ origin: name, ...error })) };
}

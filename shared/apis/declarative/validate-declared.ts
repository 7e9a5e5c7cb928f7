/**
 * Validates by the rules that types declare, in the order of upstream's generated code
 * (https://github.com/kubernetes/kubernetes/tree/master/staging/src/k8s.io/code-generator/cmd/validation-gen): the
 * type's own rules, then field by field. Rules that end the validation of a field come first. Unchanged fields of an
 * update are skipped.
 */

import { semanticDeepEqual } from '../../meta/deep-equal.ts';
import type { FieldError } from '../../meta/field-error.ts';
import { FieldPath } from '../../meta/field-path.ts';
import { validateUnion } from '../../meta/validation/declarative.ts';
import type { RequestContext } from '../../request/request-context.ts';
import { appendAll } from '../../util/append-all.ts';
import type { DeclaredField, DeclaredRule, DeclaredTypes } from './declared-rule.ts';
import { applyRule, elementBefore, isUnset, type RuleSubject } from './declared-rules.ts';
import { ElementIndex } from './element-index.ts';

type Struct = Readonly<Record<string, unknown>>;

/** Rules whose failure ends the validation of the field; all of these are evaluated. */
const FIRST: ReadonlySet<string> = new Set([
  'forbidden',
  'immutable',
  'maxItems',
  'optional',
  'required',
  'update',
]);

/** Whether failure of the rule ends the validation of the field. */
export const endsField = ([name]: DeclaredRule): boolean => FIRST.has(name);

function comesFirst([name, ...args]: DeclaredRule): boolean {
  const inner = args.at(-1);
  return name === 'ifEnabled' || name === 'ifDisabled' || name === 'alpha' || name === 'beta'
    ? comesFirst(inner as DeclaredRule)
    : FIRST.has(name);
}

/** Whether a member of a union is set; an empty list counts as unset. */
const isSet = (value: unknown): boolean =>
  !isUnset(value, { ptr: true }) && !(Array.isArray(value) && value.length === 0);

export class DeclaredValidator {
  readonly #types: DeclaredTypes;

  constructor(types: DeclaredTypes) {
    this.#types = types;
  }

  /** The errors of an object of a type such as `PodGroup`, marked as declared. `old` is set for updates. */
  validate(
    context: Pick<RequestContext, 'featureEnabled'>,
    type: string,
    object: object,
    old?: object,
  ): FieldError[] {
    const enabled = (option: string): boolean => context.featureEnabled(option);
    const run = new Run(this.#types, old !== undefined, enabled);
    const errors = run.type(type, undefined, object as Struct, old as Struct | undefined);
    return errors.map((error) => ({ ...error, declared: true }));
  }
}

class Run {
  readonly #types: DeclaredTypes;
  readonly #update: boolean;
  readonly #elements = new ElementIndex();
  readonly #enabled: (option: string) => boolean;

  constructor(types: DeclaredTypes, update: boolean, enabled: (option: string) => boolean) {
    this.#types = types;
    this.#update = update;
    this.#enabled = enabled;
  }

  type(name: string, path: FieldPath | undefined, value: Struct, old: Struct | undefined): FieldError[] {
    const { rules = [], fields } = this.#types[name]!;
    const own = rules.flatMap((rule) => this.#ofType(rule, path!, value, old));
    return Object.entries(fields).reduce(
      (errors, [key, field]) =>
        errors.concat(
          this.#field(
            field,
            path?.child(key) ?? FieldPath.of(key),
            value[key],
            old?.[key],
            old !== undefined,
          ),
        ),
      own,
    );
  }

  #ofType(
    [name, argument]: DeclaredRule,
    path: FieldPath,
    value: Struct,
    old: Struct | undefined,
  ): FieldError[] {
    if (name === 'union') return this.#union(argument as string[], path, value, old);
    const isOn = this.#enabled('DeclarativeValidationBeta');
    return isOn ? this.#ofType(argument as DeclaredRule, path, value, old) : [];
  }

  #union(members: readonly string[], path: FieldPath, value: Struct, old: Struct | undefined): FieldError[] {
    if (old !== undefined && members.every((member) => isSet(value[member]) === isSet(old[member])))
      return [];
    const set = members.filter((member) => isSet(value[member]));
    return validateUnion(Object.fromEntries(set.map((member) => [member, true])), members, path);
  }

  /** `correlated` means that `old` is known to be the old value. */
  #field(
    field: DeclaredField,
    path: FieldPath,
    value: unknown,
    old: unknown,
    correlated: boolean,
  ): FieldError[] {
    const isSame = isUnset(value, field) ? isUnset(old, field) : semanticDeepEqual(value, old);
    if (correlated && this.#update && isSame) return [];
    const subject = {
      path,
      field,
      value,
      old,
      update: this.#update,
      elements: this.#elements,
      enabled: this.#enabled,
    };
    const { rules = [] } = field;
    const errors: FieldError[] = [];
    let isOver = false;
    for (const rule of rules.filter(comesFirst)) {
      const verdict = applyRule(subject, rule);
      appendAll(errors, verdict?.errors ?? []);
      isOver ||= verdict?.stop ?? false;
    }
    if (isOver) return errors;
    for (const rule of rules) {
      if (!comesFirst(rule)) appendAll(errors, applyRule(subject, rule)?.errors ?? []);
    }
    return errors.concat(this.#inside(subject));
  }

  #inside(subject: RuleSubject): FieldError[] {
    const { field, path, value, old } = subject;
    const { type, container } = field;
    if (type === undefined || value === undefined || value === null) return [];
    if (container === undefined) {
      return this.type(type, path, value as Struct, (old ?? undefined) as Struct | undefined);
    }
    const members: readonly (readonly [FieldPath, Struct, Struct | undefined])[] = Array.isArray(value)
      ? (value as Struct[]).map((element, index) => [
          path.index(index),
          element,
          elementBefore(subject, element) as Struct | undefined,
        ])
      : Object.entries(value as Record<string, Struct>)
          .sort(([a], [b]) => (a < b ? -1 : 1))
          .map(([key, member]) => [path.key(key), member, ownMember(old, key)]);
    return members.flatMap(([at, member, before]) => {
      if (this.#update && before !== undefined && semanticDeepEqual(member, before)) return [];
      return this.type(type, at, member, before);
    });
  }
}

const ownMember = (map: unknown, key: string): Struct | undefined =>
  map !== null && typeof map === 'object' && Object.hasOwn(map, key)
    ? (map as Record<string, Struct>)[key]
    : undefined;

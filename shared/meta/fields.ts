/** Field selectors (https://github.com/kubernetes/apimachinery/blob/master/pkg/fields/selector.go). */

import { SelectorError } from './selector-error.ts';

export interface FieldRequirement {
  readonly field: string;
  readonly operator: '=' | '!=';
  readonly value: string;
}

/** Renames a field or its value; returning '' for both drops the requirement. Throws to reject it. */
export type FieldTransform = (field: string, value: string) => { field: string; value: string };

/** A field selector: all requirements must hold. A missing field is ''. */
export class FieldSelector {
  readonly requirements: readonly FieldRequirement[];
  /** The requirements, merged per field. */
  #terms: readonly FieldTerm[] | undefined;

  constructor(requirements: readonly FieldRequirement[]) {
    this.requirements = requirements;
  }

  matches(fields: Readonly<Record<string, string>>): boolean {
    this.#terms ??= fieldTerms(this.requirements);
    return this.#terms.every(({ field, allowed, denied }) => {
      const actual = Object.hasOwn(fields, field) ? fields[field]! : '';
      if (denied.has(actual) || allowed.size > 1) return false;
      return allowed.size === 0 || allowed.has(actual);
    });
  }

  empty(): boolean {
    return this.requirements.length === 0;
  }

  /** The value that the selector requires of `field`, if any. */
  requiresExactMatch(field: string): string | undefined {
    return this.requirements.find((term) => term.field === field && term.operator === '=')?.value;
  }

  transform(transform: FieldTransform): FieldSelector {
    const requirements = this.requirements.flatMap((requirement) => {
      const { field, value } = transform(requirement.field, requirement.value);
      return field === '' && value === '' ? [] : [{ ...requirement, field, value }];
    });
    return new FieldSelector(requirements);
  }

  /** The canonical form, which parses to an equal selector. */
  toString(): string {
    return this.requirements
      .map(({ field, operator, value }) => `${field}${operator}${escapeFieldValue(value)}`)
      .join(',');
  }
}

interface FieldTerm {
  readonly field: string;
  /** A field can't satisfy two different values. */
  readonly allowed: Set<string>;
  readonly denied: Set<string>;
}

function fieldTerms(requirements: readonly FieldRequirement[]): FieldTerm[] {
  const terms = new Map<string, FieldTerm>();
  for (const { field, operator, value } of requirements) {
    const term = terms.get(field) ?? { field, allowed: new Set(), denied: new Set() };
    (operator === '=' ? term.allowed : term.denied).add(value);
    terms.set(field, term);
  }
  return [...terms.values()];
}

const EVERY_FIELD = new FieldSelector([]);

export function escapeFieldValue(value: string): string {
  return value.replace(/[\\,=]/g, '\\$&');
}

function unescapeFieldValue(value: string): string {
  if (!/[\\,=]/.test(value)) return value;
  let plain = '';
  let escaped = false;
  for (const char of value) {
    if (escaped) {
      if (!'\\,='.includes(char)) {
        throw new SelectorError(`invalid field selector: invalid escape sequence: \\${char}`);
      }
      plain += char;
      escaped = false;
    } else if (char === '\\') {
      escaped = true;
    } else if (char === ',' || char === '=') {
      // Upstream prints the character's code point.
      throw new SelectorError(`invalid field selector: unescaped character in value: ${char.codePointAt(0)}`);
    } else {
      plain += char;
    }
  }
  if (escaped) throw new SelectorError('invalid field selector: invalid escape sequence: \\');
  return plain;
}

/** Splits at unescaped commas; keeps backslashes. */
function splitTerms(text: string): string[] {
  return text === '' ? [] : (text.match(/(?:\\[\s\S]|[^\\,]|\\$)+|(?<=,|^)(?=,|$)/g) ?? []);
}

function parseTerm(term: string, selector: string): FieldRequirement {
  const match = /^([\s\S]*?)(!=|==|=)([\s\S]*)$/.exec(term);
  if (match === null) throw new SelectorError(`invalid selector: '${selector}'; can't understand '${term}'`);
  const [, field = '', operator, value = ''] = match;
  return { field, operator: operator === '!=' ? '!=' : '=', value: unescapeFieldValue(value) };
}

/** Parses `a=b,c!=d`. Throws `SelectorError` with upstream's text. */
export function parseFieldSelector(text: string): FieldSelector {
  const terms = splitTerms(text)
    .filter((term) => term !== '')
    .toSorted();
  // A term without field and value has no effect.
  const requirements = terms
    .map((term) => parseTerm(term, text))
    .filter(({ field, value }) => field !== '' || value !== '');
  return requirements.length === 0 ? EVERY_FIELD : new FieldSelector(requirements);
}

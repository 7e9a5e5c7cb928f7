/**
 * Results of validation against an OpenAPI schema
 * (https://github.com/kubernetes/kube-openapi/tree/master/pkg/validation/errors).
 */

import {
  type FieldError,
  invalid,
  notSupported,
  required,
  tooLong,
  tooMany,
  typeInvalid,
} from '../../meta/field-error.ts';
import type { FieldPath } from '../../meta/field-path.ts';
import { type Pieces, shouldYield } from '../../util/breathe.ts';
import { childOf, pathOrRoot } from '../schema/paths.ts';
import { CheckBudget } from './check-budget.ts';

/** An error. `name` is the path in messages; undefined if the error isn't about a field. */
export interface OpenAPIError {
  readonly kind: 'plain' | 'invalid' | 'type' | 'required' | 'enum' | 'too-long' | 'too-many';
  readonly name?: string | undefined;
  readonly message: string;
  readonly value?: unknown;
  /** The limit that was exceeded. */
  readonly limit?: number | undefined;
  /** The same list for all errors of a schema. */
  readonly supported?: readonly string[] | undefined;
}

/** Up to this number, errors are searched linearly. */
const FEW = 8;

/**
 * Collects errors with distinct messages, and counts passed checks, which determines the best match among alternative
 * schemas.
 */
export class ValidationResult {
  readonly errors: OpenAPIError[] = [];
  /** Shared by all validation of an object. */
  readonly budget: CheckBudget;
  matchCount = 0;
  /** Created once there are many errors. */
  #messages: Set<string> | undefined;

  constructor(budget = new CheckBudget()) {
    this.budget = budget;
  }

  get valid(): boolean {
    return this.errors.length === 0;
  }

  add(error: OpenAPIError): void {
    const { message } = error;
    if (this.errors.length < FEW) {
      if (this.errors.some((known) => known.message === message)) return;
    } else {
      this.#messages ??= new Set(this.errors.map((known) => known.message));
      if (this.#messages.has(message)) return;
    }
    this.#messages?.add(message);
    this.errors.push(error);
  }

  /** Drops all errors after the first `count`. */
  keep(count: number): void {
    for (const { message } of this.errors.splice(count)) this.#messages?.delete(message);
  }

  merge(other: ValidationResult): void {
    for (const error of other.errors) this.add(error);
    this.matchCount += other.matchCount;
  }
}

/** If `path` is undefined, the value is a whole object. */
export function* toFieldErrors(
  path: FieldPath | undefined,
  errors: readonly OpenAPIError[],
): Pieces<FieldError[]> {
  const found: FieldError[] = [];
  for (const error of errors) {
    found.push(toFieldError(path, error));
    if (shouldYield()) yield;
  }
  return found;
}

function toFieldError(path: FieldPath | undefined, error: OpenAPIError): FieldError {
  const { kind, name, message } = error;
  if (name === undefined) return invalid(pathOrRoot(path), '', message);
  const field = name.startsWith('.') ? name.slice(1) : name;
  const at = field === '' ? pathOrRoot(path) : childOf(path, field);
  const value = error.value ?? '';
  switch (kind) {
    case 'required':
      return required(at, '');
    case 'enum':
      return notSupported(at, error.value, error.supported ?? []);
    case 'too-long':
      return tooLong(at, error.limit ?? -1);
    case 'too-many':
      return tooMany(at, Number(error.value), error.limit ?? -1);
    case 'type':
      return typeInvalid(at, value, message);
    default:
      return invalid(at, value, message);
  }
}

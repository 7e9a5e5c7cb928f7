/**
 * What the validation of a value against an OpenAPI schema found
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
import { marshalJSON } from '../../runtime/go-format.ts';
import { childOf, pathOrRoot } from '../schema/paths.ts';

/** One finding. `name` is the path as messages hold it; undefined: the finding belongs to no field. */
export interface OpenAPIError {
  readonly kind: 'plain' | 'invalid' | 'type' | 'required' | 'enum' | 'too-long' | 'too-many';
  readonly name?: string | undefined;
  readonly message: string;
  readonly value?: unknown;
  /** The limit that was exceeded. */
  readonly limit?: number | undefined;
  readonly supported?: readonly unknown[] | undefined;
}

/** Collects findings, each message once, and counts checks passed: the count tells which of several schemas fits best. */
export class ValidationResult {
  readonly errors: OpenAPIError[] = [];
  matchCount = 0;

  get valid(): boolean {
    return this.errors.length === 0;
  }

  add(error: OpenAPIError): void {
    if (!this.errors.some(({ message }) => message === error.message)) this.errors.push(error);
  }

  merge(other: ValidationResult): void {
    for (const error of other.errors) this.add(error);
    this.matchCount += other.matchCount;
  }
}

/** `path` undefined: what was validated is a whole object. */
export function toFieldErrors(path: FieldPath | undefined, errors: readonly OpenAPIError[]): FieldError[] {
  return errors.map((error) => toFieldError(path, error));
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
      return notSupported(at, error.value, (error.supported ?? []).map(enumText));
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

const enumText = (value: unknown): string => (typeof value === 'string' ? value : marshalJSON(value));

import { tellDeclared } from '../apis/declarative/covered-errors.ts';
import type { FieldError } from '../meta/field-error.ts';
import type { KubeObject } from '../meta/kube-object.ts';
import { newInvalid, type StatusError } from '../meta/status-error.ts';
import type { RESTStrategy } from './strategy.ts';

/** What a write is refused with whose object has these errors. */
export function invalidObject<T extends KubeObject>(
  strategy: RESTStrategy<T>,
  object: T,
  errors: FieldError[],
): StatusError {
  const kind = strategy.kindOf?.(object) ?? strategy.kind;
  const distinct = strategy.repeatsErrors !== true;
  return newInvalid(kind, object.metadata.name ?? '', tellDeclared(kind, errors), { distinct });
}

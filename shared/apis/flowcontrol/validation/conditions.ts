import { duplicate, type FieldError, required } from '../../../meta/field-error.ts';
import { FieldPath } from '../../../meta/field-path.ts';

const CONDITIONS = FieldPath.of('status', 'conditions');

export function validateFlowControlStatus({
  conditions = [],
}: {
  readonly conditions?: readonly { readonly type?: string | undefined }[] | undefined;
}): FieldError[] {
  const seen = new Set<string>();
  return conditions.flatMap(({ type = '' }, index) => {
    const path = CONDITIONS.index(index).child('type');
    const errors = seen.has(type) ? [duplicate(path, type)] : [];
    seen.add(type);
    return type === '' ? [...errors, required(path, '')] : errors;
  });
}

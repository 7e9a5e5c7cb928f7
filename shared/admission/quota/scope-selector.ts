import type { QuotaScope } from './evaluator.ts';

/** Whether a scope selects an object with these values for it, of which there may be none. */
export function scopeSelects({ operator, values = [] }: QuotaScope, names: readonly string[]): boolean {
  switch (operator) {
    case 'Exists':
      return names.length > 0;
    case 'DoesNotExist':
      return names.length === 0;
    case 'In':
      return names.some((name) => values.includes(name));
    case 'NotIn':
      return names.length === 0 || names.some((name) => !values.includes(name));
    default:
      return false;
  }
}

import type { QuotaScope } from './evaluator.ts';

/** Whether a scope selects an object that has one of these values for it; an object may have none. */
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

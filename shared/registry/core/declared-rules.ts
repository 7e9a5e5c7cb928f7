import type { DeclaredRules } from '../../rest/strategy.ts';

/** What types of this group declare. */
export const loadDeclaredRules = async (): Promise<DeclaredRules> =>
  (await import('../../apis/core/validation/declared.ts')).declaredRules;

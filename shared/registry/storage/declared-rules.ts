import type { DeclaredRules } from '../../rest/strategy.ts';

/** Loads the declarative validation rules of this group's types. */
export const loadDeclaredRules = async (): Promise<DeclaredRules> =>
  (await import('../../apis/storage/validation/declared.ts')).declaredRules;

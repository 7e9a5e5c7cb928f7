import type { DeclaredRules } from '../../rest/strategy.ts';

/** Loads the declarative validation rules of this group's types. */
export const loadDeclaredRules = async (): Promise<DeclaredRules> =>
  (await import('../../apis/resource/validation/declared.ts')).declaredRules;

/** Those of versions with kinds of their own. */
export const loadDeclaredAlphaRules = async (): Promise<DeclaredRules> =>
  (await import('../../apis/resource/validation/declared-v1alpha3.ts')).declaredRules;

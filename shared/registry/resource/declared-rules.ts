import type { DeclaredRules } from '../../rest/strategy.ts';

/** What types of this group declare. */
export const loadDeclaredRules = async (): Promise<DeclaredRules> =>
  (await import('../../apis/resource/validation/declared.ts')).declaredRules;

/** Of versions that have kinds of their own. */
export const loadDeclaredAlphaRules = async (): Promise<DeclaredRules> =>
  (await import('../../apis/resource/validation/declared-v1alpha3.ts')).declaredRules;

/** Validation of evictions, loaded with the first one. */

import type { DeclaredTypes } from '../../declarative/declared-rule.ts';
import { DeclaredValidator } from '../../declarative/validate-declared.ts';
import readV1alpha1 from '../v1alpha1/rules.json?text';

export { validateEvictionStatus } from './eviction-status.ts';

export const declaredV1alpha1 = new DeclaredValidator(JSON.parse(readV1alpha1()) as DeclaredTypes);

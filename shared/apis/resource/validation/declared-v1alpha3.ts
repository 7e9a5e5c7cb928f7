/** Declarative validation rules of the types in v1alpha3. */

import type { DeclaredTypes } from '../../declarative/declared-rule.ts';
import { DeclaredValidator } from '../../declarative/validate-declared.ts';
import readRules from '../v1alpha3/rules.json?text';

export const declaredRules = new DeclaredValidator(JSON.parse(readRules()) as DeclaredTypes);

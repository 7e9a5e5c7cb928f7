/** Declarative validation rules of this group's types, loaded with the first object that is validated. */

import type { DeclaredTypes } from '../../declarative/declared-rule.ts';
import { DeclaredValidator } from '../../declarative/validate-declared.ts';
import readRules from '../v1/rules.json?text';

export const declaredRules = new DeclaredValidator(JSON.parse(readRules()) as DeclaredTypes);

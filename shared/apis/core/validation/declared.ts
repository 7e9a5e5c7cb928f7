/**
 * Declarative validation rules of this group's types, for the kinds and subresources that use them; others only have
 * handwritten rules.
 */

import type { DeclaredTypes } from '../../declarative/declared-rule.ts';
import { DeclaredValidator } from '../../declarative/validate-declared.ts';
import readRules from '../v1/rules.json?text';

export const declaredRules = new DeclaredValidator(JSON.parse(readRules()) as DeclaredTypes);

/** What types of this group declare, for those kinds and subresources that say so; of the others all is code. */

import type { DeclaredTypes } from '../../declarative/declared-rule.ts';
import { DeclaredValidator } from '../../declarative/validate-declared.ts';
import readRules from '../v1/rules.json?text';

export const declaredRules = new DeclaredValidator(JSON.parse(readRules()) as DeclaredTypes);

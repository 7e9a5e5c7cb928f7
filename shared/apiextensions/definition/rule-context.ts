/** Validates the rules at and below a schema node. */

import type { JSONSchemaProps } from '../../apis/apiextensions/v1/types.ts';
import type { FieldError } from '../../meta/field-error.ts';
import type { FieldPath } from '../../meta/field-path.ts';
import type { Pieces } from '../../util/breathe.ts';

export interface RuleContext {
  property(name: string, schema: JSONSchemaProps): RuleContext;
  items(schema: JSONSchemaProps): RuleContext;
  additionalProperties(schema: JSONSchemaProps): RuleContext;
  /** Compiles the node's rules and adds up their cost. For `uncorrelatable` see Position. */
  validate(path: FieldPath, uncorrelatable: FieldPath | undefined): Pieces<FieldError[]>;
  /** Call once all rules of the schema at `path` have been validated. */
  totalCostErrors(path: FieldPath): FieldError[];
}

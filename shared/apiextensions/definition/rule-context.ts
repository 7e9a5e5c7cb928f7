/** What the rules below a schema node are checked in. */

import type { JSONSchemaProps } from '../../apis/apiextensions/v1/types.ts';
import type { FieldError } from '../../meta/field-error.ts';
import type { FieldPath } from '../../meta/field-path.ts';
import type { Pieces } from '../../util/breathe.ts';

export interface RuleContext {
  property(name: string, schema: JSONSchemaProps): RuleContext;
  items(schema: JSONSchemaProps): RuleContext;
  additionalProperties(schema: JSONSchemaProps): RuleContext;
  /** Compiles the node's rules and counts what they cost. `uncorrelatable`: see Position. */
  validate(path: FieldPath, uncorrelatable: FieldPath | undefined): Pieces<FieldError[]>;
  /** Once all rules of the schema at `path` have been seen. */
  totalCostErrors(path: FieldPath): FieldError[];
}

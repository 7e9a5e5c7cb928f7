/** What it takes to work with schemas; loaded once, when the first definition is written or used. */

import type { JSONSchemaProps } from '../../apis/apiextensions/v1/types.ts';
import type { TypeTables } from '../../runtime/type-tables.ts';
import { loadRegexps, type RegexpFactory } from '../../util/regexp.ts';
import { ObjectMetaCoercer } from '../schema/object-meta.ts';
import type { DefinitionOptions } from './definition-options.ts';
import type { RuleContext } from './rule-context.ts';

export interface SchemaTools {
  readonly regexp: RegexpFactory;
  readonly objectMeta: ObjectMetaCoercer;
  /** The root context of a schema's rules. */
  readonly rules: (
    schema: JSONSchemaProps,
    options: DefinitionOptions,
    version: string,
  ) => RuleContext | undefined;
}

const OBJECT_META = 'io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta';

export async function loadSchemaTools(tables: TypeTables): Promise<SchemaTools> {
  return {
    regexp: await loadRegexps(),
    objectMeta: new ObjectMetaCoercer(tables.schema(OBJECT_META)),
    rules: () => undefined,
  };
}

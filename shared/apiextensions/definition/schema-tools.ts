/** Tools for processing schemas, loaded when the first definition is written or used. */

import type { DefinitionSpec } from '../../apis/apiextensions/definition.ts';
import type { TypeTables } from '../../runtime/type-tables.ts';
import { once } from '../../util/once.ts';
import { loadRegexps, type RegexpFactory } from '../../util/regexp.ts';
import type { definitionRules } from '../rules/definition-rules.ts';
import type { compileRuleValidator } from '../rules/rule-validator.ts';
import { ObjectMetaCoercer } from '../schema/object-meta.ts';
import { hasRules } from './definition-schemas.ts';

/** Compiles rules, which requires all of CEL. Most definitions have none. */
interface RuleTools {
  readonly definitionRules: typeof definitionRules;
  readonly compileRuleValidator: typeof compileRuleValidator;
}

export interface SchemaTools {
  readonly regexp: RegexpFactory;
  readonly objectMeta: ObjectMetaCoercer;
  /** Undefined unless loaded. */
  readonly rules: RuleTools | undefined;
}

const OBJECT_META = 'io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta';

export class SchemaToolsLoader {
  readonly #tables: TypeTables;
  /** Loads everything except the tools for rules. */
  readonly load = once(() => this.#loadPlain());
  /** Includes the tools for schemas with `x-kubernetes-validations`. */
  readonly loadWithRules = once(() => this.#loadRules());

  constructor(tables: TypeTables) {
    this.#tables = tables;
  }

  /** Loads the tools for the schemas of a definition. */
  loadFor(spec: DefinitionSpec): Promise<SchemaTools> {
    return hasRules(spec) ? this.loadWithRules() : this.load();
  }

  async #loadPlain(): Promise<SchemaTools> {
    const regexp = await loadRegexps();
    return { regexp, objectMeta: new ObjectMetaCoercer(this.#tables.schema(OBJECT_META)), rules: undefined };
  }

  async #loadRules(): Promise<SchemaTools> {
    const [plain, { definitionRules }, { compileRuleValidator }] = await Promise.all([
      this.load(),
      import('../rules/definition-rules.ts'),
      import('../rules/rule-validator.ts'),
    ]);
    return { ...plain, rules: { definitionRules, compileRuleValidator } };
  }
}

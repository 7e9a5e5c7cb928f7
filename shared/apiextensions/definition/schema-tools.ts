/** What it takes to work with schemas; loaded when the first definition is written or used. */

import type { DefinitionSpec } from '../../apis/apiextensions/definition.ts';
import type { TypeTables } from '../../runtime/type-tables.ts';
import { once } from '../../util/once.ts';
import { loadRegexps, type RegexpFactory } from '../../util/regexp.ts';
import type { definitionRules } from '../rules/definition-rules.ts';
import type { compileRuleValidator } from '../rules/rule-validator.ts';
import { ObjectMetaCoercer } from '../schema/object-meta.ts';
import { hasRules } from './definition-schemas.ts';

/** How rules are compiled: all of CEL, which most definitions can do without. */
interface RuleTools {
  readonly definitionRules: typeof definitionRules;
  readonly compileRuleValidator: typeof compileRuleValidator;
}

export interface SchemaTools {
  readonly regexp: RegexpFactory;
  readonly objectMeta: ObjectMetaCoercer;
  /** Undefined unless they were asked for. */
  readonly rules: RuleTools | undefined;
}

const OBJECT_META = 'io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta';

export class SchemaToolsLoader {
  readonly #tables: TypeTables;
  /** All but the tools for rules. */
  readonly load = once(() => this.#loadPlain());
  /** For schemas with `x-kubernetes-validations`. */
  readonly loadWithRules = once(() => this.#loadRules());

  constructor(tables: TypeTables) {
    this.#tables = tables;
  }

  /** What it takes for the schemas of a definition. */
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

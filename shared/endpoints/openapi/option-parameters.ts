/** Query parameters, generated from the fields of option types (upstream's `AddObjectParams`). */

import type { TypeTables } from '../../runtime/type-tables.ts';
import { fieldDescription, type OpenAPIDescriptions } from './openapi-descriptions.ts';
import type { ParameterModel } from './openapi-model.ts';

const TYPES: Readonly<Record<string, ParameterModel['type']>> = {
  string: 'string',
  boolean: 'boolean',
  int32: 'integer',
  int64: 'integer',
};

const PRETTY: Omit<ParameterModel, 'description'> = { name: 'pretty', in: 'query', type: 'string' };

const byName = (left: ParameterModel, right: ParameterModel): number =>
  left.name < right.name ? -1 : left.name > right.name ? 1 : left.in < right.in ? -1 : 1;

export const sortParameters = (parameters: readonly ParameterModel[]): ParameterModel[] =>
  [...parameters].sort(byName);

export class OptionParameters {
  readonly #tables: TypeTables;
  readonly #descriptions: OpenAPIDescriptions;
  readonly #made = new Map<string, readonly ParameterModel[]>();

  constructor(tables: TypeTables, descriptions: OpenAPIDescriptions) {
    this.#tables = tables;
    this.#descriptions = descriptions;
  }

  /** The parameters of an option type; fields that are structs are omitted. */
  of(definition: string): readonly ParameterModel[] {
    let parameters = this.#made.get(definition);
    if (parameters === undefined) {
      parameters = this.#make(definition);
      this.#made.set(definition, parameters);
    }
    return parameters;
  }

  #make(definition: string): readonly ParameterModel[] {
    return Object.entries(this.#tables.type(definition).fields ?? {}).flatMap(([name, field]) => {
      const type = TYPES[field.type];
      if (type === undefined || name === 'kind' || name === 'apiVersion') return [];
      const description = fieldDescription(this.#descriptions, definition, name);
      return { name, in: 'query' as const, type, ...(description !== undefined && { description }) };
    });
  }

  #describe(name: string): string | undefined {
    const { parameters } = this.#descriptions;
    return Object.hasOwn(parameters, name) ? parameters[name] : undefined;
  }

  pretty(): ParameterModel {
    const description = this.#describe('pretty');
    return { ...PRETTY, ...(description !== undefined && { description }) };
  }
}

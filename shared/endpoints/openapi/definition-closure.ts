import { appendAll } from '../../util/append-all.ts';
import { breathe } from '../../util/breathe.ts';
import type { DefinitionSchemas } from './definition-schemas.ts';
import type {
  ContentModel,
  OpenAPIModel,
  OpenAPISchema,
  OpenAPIVersion,
  OwnDefinition,
} from './openapi-model.ts';

/** The definitions that request and response bodies refer to. */
function* named(model: OpenAPIModel): Iterable<string> {
  const nameOf = (content: ContentModel | undefined): string[] =>
    content === undefined || content === 'string' ? [] : [content.definition];
  for (const path of model.paths.values()) {
    for (const operation of Object.values(path)) {
      yield* nameOf(operation.body?.content);
      for (const content of Object.values(operation.responses)) yield* nameOf(content);
    }
  }
}

/** The names of the definitions that the models refer to, directly or indirectly. */
export function definitionNames(models: readonly OpenAPIModel[], builtin: DefinitionSchemas): Set<string> {
  const own = ownDefinitions(models);
  const found = new Set<string>();
  const waiting = [...own.keys(), ...models.flatMap((model) => [...named(model)])];
  for (let name = waiting.pop(); name !== undefined; name = waiting.pop()) {
    if (found.has(name)) continue;
    found.add(name);
    appendAll(waiting, own.get(name)?.references ?? builtin.references(name));
  }
  return found;
}

/** The schemas of the definitions that a model refers to, directly or indirectly, sorted by name. */
export async function definitionClosure(
  model: OpenAPIModel,
  builtin: DefinitionSchemas,
  version: OpenAPIVersion,
): Promise<Record<string, OpenAPISchema>> {
  const own = ownDefinitions([model]);
  const schemas: [string, OpenAPISchema][] = [];
  for (const name of [...definitionNames([model], builtin)].sort()) {
    await breathe();
    const schema = own.get(name)?.schema(version) ?? builtin.schema(name, version, model.groupVersion);
    schemas.push([name, schema]);
  }
  return Object.fromEntries(schemas);
}

const ownDefinitions = (models: readonly OpenAPIModel[]): ReadonlyMap<string, OwnDefinition> =>
  new Map(models.flatMap(({ definitions }) => [...(definitions ?? [])]));

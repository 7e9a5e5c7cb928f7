import type { DefinitionSchemas } from './definition-schemas.ts';
import type {
  ContentModel,
  OpenAPIModel,
  OpenAPISchema,
  OpenAPIVersion,
  OwnDefinition,
} from './openapi-model.ts';

/** The definitions that bodies and answers name. */
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

/** The schemas of everything that the models name, and of what that refers to, in order of their names. */
export function definitionClosure(
  models: readonly OpenAPIModel[],
  builtin: DefinitionSchemas,
  version: OpenAPIVersion,
): Record<string, OpenAPISchema> {
  const own = new Map<string, OwnDefinition>(models.flatMap(({ definitions }) => [...(definitions ?? [])]));
  const found = new Set<string>();
  const waiting = [...own.keys(), ...models.flatMap((model) => [...named(model)])];
  for (let name = waiting.pop(); name !== undefined; name = waiting.pop()) {
    if (found.has(name)) continue;
    found.add(name);
    waiting.push(...(own.get(name)?.references ?? builtin.references(name)));
  }
  return Object.fromEntries(
    [...found].sort().map((name) => [name, own.get(name)?.schema(version) ?? builtin.schema(name, version)]),
  );
}

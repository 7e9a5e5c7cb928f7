/** Human-readable descriptions, built from a package that contains them. Without it, documents have none. */

interface DefinitionDescription {
  readonly description?: string | undefined;
  /** By field. */
  readonly fields: Readonly<Record<string, string>>;
}

export interface OpenAPIDescriptions {
  /** By definition. */
  readonly definitions: Readonly<Record<string, DefinitionDescription>>;
  /** Query parameters by name. */
  readonly parameters: Readonly<Record<string, string>>;
}

export const NO_DESCRIPTIONS: OpenAPIDescriptions = { definitions: {}, parameters: {} };

/** The description of a definition's field; undefined if there is none. */
export function fieldDescription(
  { definitions }: OpenAPIDescriptions,
  definition: string,
  field: string,
): string | undefined {
  const fields = Object.hasOwn(definitions, definition) ? definitions[definition]!.fields : {};
  return Object.hasOwn(fields, field) ? fields[field] : undefined;
}

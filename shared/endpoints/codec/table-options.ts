import { newBadRequest } from '../../meta/status-error.ts';

export type IncludeObject = 'Metadata' | 'Object' | 'None';

/** The `includeObject` parameter of the query. Throws BadRequest. */
export function includeObjectOf(query: URLSearchParams): IncludeObject {
  const value = query.get('includeObject') ?? '';
  if (value === '') return 'Metadata';
  if (value === 'Metadata' || value === 'Object' || value === 'None') return value;
  throw newBadRequest(
    `Unable to convert to Table as requested: includeObject: Invalid value: ${JSON.stringify(value)}: must be 'Metadata', 'Object', 'None', or empty`,
  );
}

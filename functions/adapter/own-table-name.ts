/**
 * Not allowed in a fleet's name, so tables of one fleet can't be mistaken for those of another whose name is longer.
 */
const SEPARATOR = '.';

/** Name of a tenant's dedicated table. `table`: the fleet's. */
export function ownTableName(table: string, id: string): string {
  return `${table}${SEPARATOR}${id}`;
}

/** In no fleet's name: no fleet's tables are taken for those of another, whose name goes on. */
const SEPARATOR = '.';

/** Of the table that a tenant has for itself, beside `table`, the fleet's. */
export function ownTableName(table: string, id: string): string {
  return `${table}${SEPARATOR}${id}`;
}

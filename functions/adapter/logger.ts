import { newLogger } from '../../shared/util/logger.ts';

/** A line of JSON on standard error for each thing said, which Lambda logs with the time. */
export const logger = newLogger((record) => console.error(JSON.stringify(record)));

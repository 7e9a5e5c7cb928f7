import { newLogger } from '../../shared/util/logger.ts';

/** A line of JSON on standard error for each thing said. */
export const logger = newLogger((record) =>
  console.error(JSON.stringify({ time: new Date().toISOString(), ...record })),
);
